package dev.fid.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;

/// What one end sends: a header that names the stream, then its pattern.
final class Outflow {
  static final int HEADER = 24;
  private static final long SLACK_NANOS = 2_000_000;
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
  private boolean started;
  private long due;
  private long paidFor;
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

  /// A pause in nanoseconds after a whole chunk: what the rate asks for, or a random one, mostly 0.
  long pause() {
    if (chunk.hasRemaining()) {
      return 0;
    }
    return plan.rate == Long.MAX_VALUE ? pause(plan, random) : pauseForRate();
  }

  /// Lost time is not made up for, except for what a timer of milliseconds costs.
  private long pauseForRate() {
    long now = System.nanoTime();
    due = started ? Math.max(due, now - SLACK_NANOS) : now;
    started = true;
    due += (cut - paidFor) * 1_000_000_000 / plan.rate;
    paidFor = cut;
    return Math.max(0, due - now);
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
