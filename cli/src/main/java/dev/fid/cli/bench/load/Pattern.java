package dev.fid.cli.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// The bytes that every flow carries, each from another place on: a byte that is lost, doubled or
/// of another flow shows.
final class Pattern {
  /// The most that is sent or received at once.
  static final int CHUNK = 128 << 10;

  /// A prime, so that no size of a buffer hides what is missing; with two chunks it fits an L2
  /// cache.
  static final int PERIOD = 99_991;

  private final MemorySegment bytes = Arena.global().allocate(PERIOD + CHUNK, 64);

  Pattern() {
    byte[] random = new byte[PERIOD];
    new Random(1).nextBytes(random);
    for (int at = 0; at < bytes.byteSize(); at += PERIOD) {
      int length = (int) Math.min(PERIOD, bytes.byteSize() - at);
      MemorySegment.copy(random, 0, bytes, JAVA_BYTE, at, length);
    }
  }

  /// At most [#CHUNK] bytes, as they stand at a position.
  MemorySegment slice(long position, long length) {
    return bytes.asSlice(position % PERIOD, length);
  }

  /// Where `got` first differs from what stands at a position; -1: nowhere.
  long mismatch(MemorySegment got, long length, long position) {
    long at = position % PERIOD;
    return MemorySegment.mismatch(got, 0, length, bytes, at, at + length);
  }
}
