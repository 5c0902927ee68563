package dev.fid.testkit;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/// The bytes of one stream: each is a function of the stream and of its offset.
///
/// All streams read the same table of random bytes, each from a place of its own, and start again
/// after a prime number of bytes, which no buffer or segment size divides. So the payload is
/// written straight out of the table, and checked against it at the speed of memory.
final class Pattern {
  static final int PERIOD = 1_048_573;

  /// The longest slice, and so the longest write.
  static final int LONGEST = 256 * 1024;

  private static final ByteBuffer TABLE = table();

  private final int start;

  Pattern(long seed, Direction direction, long number) {
    start = (int) Math.floorMod(mix(mix(seed + direction.salt()) + number), (long) PERIOD);
  }

  /// The stream's bytes from `offset` on; the buffer is the caller's, its bytes are not.
  ByteBuffer slice(long offset, int length) {
    return TABLE.slice((int) ((start + offset) % PERIOD), length);
  }

  /// The offset nearest to `near` where these bytes belong, or -1.
  long find(ByteBuffer bytes, long near, long total) {
    int length = bytes.remaining();
    byte first = bytes.get(bytes.position());
    long found = -1;
    for (int place = 0; place < PERIOD; place++) {
      if (TABLE.get(place) == first && TABLE.slice(place, length).mismatch(bytes) < 0) {
        long offset = offsetNear(place, near, total);
        if (offset >= 0 && (found < 0 || Math.abs(offset - near) < Math.abs(found - near))) {
          found = offset;
        }
      }
    }
    return found;
  }

  private long offsetNear(int place, long near, long total) {
    long offset = Math.floorMod(place - start, PERIOD);
    long turns = Math.max(0, Math.floorDiv(near - offset + PERIOD / 2, PERIOD));
    long nearest = offset + turns * PERIOD;
    if (nearest >= total && turns > 0) {
      nearest -= PERIOD;
    }
    return nearest < total ? nearest : -1;
  }

  /// The finalizer of SplittableRandom: neighbouring numbers give unrelated places.
  static long mix(long word) {
    long mixed = (word ^ (word >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  private static ByteBuffer table() {
    byte[] random = new byte[PERIOD];
    new SplittableRandom(1).nextBytes(random);
    return ByteBuffer.allocateDirect(PERIOD + LONGEST)
        .put(random)
        .put(random, 0, LONGEST)
        .flip()
        .asReadOnlyBuffer();
  }
}
