package dev.fid.bpf;

/// What a probe found out about a feature of the kernel.
public sealed interface FeatureState {
  record Supported() implements FeatureState {}

  /// The kernel lacks it.
  ///
  /// @param since the first kernel that has it, such as `Linux 5.8`
  record Unsupported(String since, String reason) implements FeatureState {}

  /// The probe could not tell, for example without the capabilities it needs.
  record Unknown(String reason) implements FeatureState {}
}
