package dev.fid.bpf;

/// This kernel lacks a feature that a later one has; a splice that needs it can be relayed instead.
public final class UnsupportedFeatureException extends BpfException {
  private final String feature;
  private final String since;

  /// Takes, for example, `("vsock in a sockmap", "Linux 6.4", 95)`.
  public UnsupportedFeatureException(String feature, String since, int errno) {
    super(
        "%s needs %s or later; this is Linux %s".formatted(feature, since, KernelVersion.running()),
        errno);
    this.feature = feature;
    this.since = since;
  }

  public String feature() {
    return feature;
  }

  /// The first kernel that has it, such as `Linux 6.4`.
  public String since() {
    return since;
  }
}
