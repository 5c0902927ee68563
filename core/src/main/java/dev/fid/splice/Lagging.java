package dev.fid.splice;

/// A lane in the kernel whose source had skbs queued when it was enrolled: they stay behind, as
/// each data-ready takes one (`unix_read_skb`, `udp_read_skb`).
interface Lagging {
  boolean isInKernel();

  /// What is queued now: 0 when nothing lags any more.
  long lag();

  long redirectedSkbs();

  /// The source is quiet: takes out what lags, in order.
  void recover();
}
