package dev.fid.cli.bench.load;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/// What one loop's sockets got done in a trial; written by that loop alone.
final class Tally {
  private static final long LONGEST = 60_000_000_000L;

  private final AtomicLong count = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final Histogram latencies = new Histogram(LONGEST, 3);
  private final Window window;

  /// @param window when a round trip must have been due to be in the histogram
  Tally(Window window) {
    this.window = window;
  }

  /// A round trip, or a connection, is over.
  void completed(long due, long now) {
    count.setRelease(count.getPlain() + 1);
    if (window.contains(due)) {
      latencies.recordValue(Math.clamp(now - due, 0, LONGEST));
    }
  }

  void received(long amount) {
    bytes.setRelease(bytes.getPlain() + amount);
  }

  long count() {
    return count.getAcquire();
  }

  long bytes() {
    return bytes.getAcquire();
  }

  /// In ns; to be read once the loop has stopped writing.
  Histogram latencies() {
    return latencies;
  }
}
