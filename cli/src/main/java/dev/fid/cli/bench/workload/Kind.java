package dev.fid.cli.bench.workload;

import java.util.List;

/// What the connections of a workload do, and what is measured of it; the first metric is what a
/// relay is judged by.
public enum Kind {
  ROUND_TRIPS(false, Metric.TRIPS, Metric.P50, Metric.P99, Metric.P999, Metric.CPU_A_TRIP),
  BULK_UP(false, Metric.THROUGHPUT, Metric.CPU_A_GB),
  BULK_BOTH(false, Metric.THROUGHPUT, Metric.CPU_A_GB),
  /// Datagrams at a fixed rate, of which some may be lost.
  ONE_WAY(false, Metric.DATAGRAMS, Metric.LOST, Metric.P50, Metric.P99, Metric.CPU_A_DATAGRAM),
  CHURN(false, Metric.CONNECTIONS, Metric.CPU_A_CONNECTION),
  SEND_CLOSE(false, Metric.CONNECTIONS, Metric.CPU_A_CONNECTION),
  IDLE(true, Metric.PROCESS_MEMORY, Metric.KERNEL_MEMORY),
  START(true, Metric.READY, Metric.RESIDENT);

  private final boolean fresh;

  @SuppressWarnings("ImmutableEnumChecker") // List.of() is
  private final List<Metric> metrics;

  Kind(boolean fresh, Metric... metrics) {
    this.fresh = fresh;
    this.metrics = List.of(metrics);
  }

  /// Each round wants a relay that was just started.
  public boolean fresh() {
    return fresh;
  }

  public List<Metric> metrics() {
    return metrics;
  }

  /// Whether it goes on for a given time.
  public boolean timed() {
    return !fresh;
  }
}
