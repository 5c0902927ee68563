package dev.fid.splice;

/// Whether splicing in the kernel works here.
public sealed interface KernelPath {
  /// The programs are loaded.
  record Available() implements KernelPath {}

  /// Everything is relayed.
  ///
  /// @param reason one sentence: what was tried, why it failed, what to do
  record Unavailable(String reason) implements KernelPath {}
}
