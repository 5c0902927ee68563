package dev.fid.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;

/// What one end sends: a header that names the stream, then its pattern.
final class Outflow {
  static final int HEADER = 24;
  static final long MAGIC = 0x4669_6420_7465_7374L;

  private final TrafficPlan plan;
  private final Pattern pattern;
  private final SplittableRandom random;
  private final ByteBuffer header;
  private final long total;
  private final long held;
  private ByteBuffer chunk = ByteBuffer.allocate(0);
  private long cut;
  private boolean shut;
  private final boolean silent;

  Outflow(TrafficPlan plan, Direction direction, long run, long number) {
    this.plan = plan;
    pattern = plan.pattern(direction, number);
    random = plan.random(direction, number, 4);
    total = plan.total(direction, number);
    held = plan.heldBack(direction, number);
    silent = plan.answers && direction == Direction.DOWNSTREAM;
    header = ByteBuffer.allocateDirect(HEADER).putLong(MAGIC).putLong(run).putLong(number).flip();
  }

  long sent() {
    return cut - chunk.remaining();
  }

  boolean isShut() {
    return shut;
  }

  /// Whether there is something to write now; `released` when nothing is held back any more.
  boolean hasMore(boolean released) {
    if (shut || (silent && !released)) {
      return false;
    }
    return header.hasRemaining() || chunk.hasRemaining() || cut < limit(released);
  }

  /// Writes one chunk, or what the socket takes of it. Returns the bytes.
  long write(SocketChannel channel, boolean released) throws IOException {
    if (!chunk.hasRemaining() && cut < limit(released)) {
      int length = Math.min(plan.sizes.next(random), Pattern.LONGEST);
      length = (int) Math.min(length, limit(released) - cut);
      chunk = pattern.slice(cut, length);
      cut += length;
    }
    return header.hasRemaining()
        ? channel.write(new ByteBuffer[] {header, chunk})
        : channel.write(chunk);
  }

  /// A random pause in nanoseconds, mostly 0, after a whole chunk.
  long pause() {
    return chunk.hasRemaining() ? 0 : pause(plan, random);
  }

  void shut(SocketChannel channel) throws IOException {
    shut = true;
    channel.shutdownOutput();
  }

  /// Sends no more.
  void fail() {
    shut = true;
  }

  static long pause(TrafficPlan plan, SplittableRandom random) {
    return plan.pauses > 0 && random.nextDouble() < plan.pauses
        ? random.nextLong(plan.longestPause.toNanos() + 1)
        : 0;
  }

  private long limit(boolean released) {
    return released ? total : total - held;
  }
}
