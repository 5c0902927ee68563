package dev.fid.cli.bench.load;

import java.io.IOException;
import java.util.List;

/// Sends requests at fixed times, whatever has become of those before: an open loop. A late answer
/// so delays no request, and the latency counts from when its request was due.
final class Pacer {
  private final List<? extends Callee> callers;
  private final double interval;
  private final long start;
  private long issued;

  /// What sends a request that was due at a time.
  interface Callee {
    void call(long due) throws IOException;
  }

  /// @param rate requests a second, of all callers together
  Pacer(List<? extends Callee> callers, double rate, long start) {
    this.callers = callers;
    this.interval = 1e9 / rate;
    this.start = start;
  }

  /// When the next request is due.
  long next() {
    return start + (long) (issued * interval);
  }

  /// Sends what is due.
  void run(long now) throws IOException {
    while (next() - now <= 0) {
      callers.get((int) (issued % callers.size())).call(next());
      issued++;
    }
  }
}
