package dev.fid.splice;

/// Whether splicing in the kernel works here.
public sealed interface KernelPath {
  /// The programs are loaded.
  ///
  /// @param unpausable why TCP sources cannot be paused in the kernel, so that the pump carries
  ///   what their targets do not take at once; empty where they can
  record Available(String unpausable) implements KernelPath {}

  /// Everything is relayed.
  ///
  /// @param reason one sentence: what was tried, why it failed, what to do
  record Unavailable(String reason) implements KernelPath {}
}
