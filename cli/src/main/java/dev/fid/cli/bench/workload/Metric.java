package dev.fid.cli.bench.workload;

/// A figure of a cell.
public enum Metric {
  TRIPS("round trips/s", true, 0),
  P50("p50 us", false, 1),
  P99("p99 us", false, 1),
  P999("p99.9 us", false, 1),
  CPU_A_TRIP("CPU us/trip", false, 1),
  THROUGHPUT("GB/s", true, 3),
  CPU_A_GB("CPU s/GB", false, 3),
  DATAGRAMS("datagrams/s", true, 0),
  /// Of those that were sent, in the whole round.
  LOST("lost %", false, 3),
  CPU_A_DATAGRAM("CPU us/datagram", false, 1),
  CONNECTIONS("connections/s", true, 0),
  CPU_A_CONNECTION("CPU us/conn", false, 1),
  /// Proportional set size of the relay's processes, by connection.
  PROCESS_MEMORY("process KiB/conn", false, 2),
  /// Slab and socket memory of the whole machine, by connection; client and back end included.
  KERNEL_MEMORY("kernel KiB/conn", false, 1),
  READY("ms to ready", false, 0),
  RESIDENT("RSS MiB", false, 1);

  private final String unit;
  private final boolean moreIsBetter;
  private final int decimals;

  Metric(String unit, boolean moreIsBetter, int decimals) {
    this.unit = unit;
    this.moreIsBetter = moreIsBetter;
    this.decimals = decimals;
  }

  public String unit() {
    return unit;
  }

  public boolean moreIsBetter() {
    return moreIsBetter;
  }

  public String format(double value) {
    return ("%,." + decimals + "f").formatted(value);
  }
}
