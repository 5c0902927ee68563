package dev.fid.transport;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Tells that an event loop ends.
///
/// Netty closes what is registered with a loop that ends, but not where the loop is told to end
/// while it runs its tasks, and is at once done with them: it looks at the registrations before the
/// tasks, and not again (SingleThreadIoEventLoop.run). What is scheduled is always cancelled.
final class LoopEnd {
  private LoopEnd() {}

  /// Runs the task on the loop's thread as the loop ends, or when the answer is cancelled. Called
  /// on that thread.
  static Future<?> watch(IoEventLoop loop, Runnable ended) {
    Future<?> never = loop.schedule(() -> {}, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    never.addListener(_ -> ended.run());
    return never;
  }
}
