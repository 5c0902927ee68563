package dev.fid.splice;

/// Who moves what a TCP source sends faster than its target takes it.
public enum Bulk {
  /// The kernel, throughout: user space does nothing for it.
  KERNEL,

  /// User space, with splice(2), from the first pause of the lane until it is quiet. It sends full
  /// segments, on whichever processor is free, so it has more throughput than the kernel's worker.
  RELAY
}
