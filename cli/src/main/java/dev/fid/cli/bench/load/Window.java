package dev.fid.cli.bench.load;

/// The time that counts of a trial, CLOCK_MONOTONIC in ns: none before it is set. Thread safe.
final class Window {
  private long from = Long.MAX_VALUE;
  private volatile long to = Long.MIN_VALUE;

  void set(long first, long end) {
    from = first;
    to = end;
  }

  boolean contains(long time) {
    return time < to && time >= from;
  }
}
