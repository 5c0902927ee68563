package dev.fid.bpf;

/// What to do about a load that failed.
final class LoadAdvice {
  private LoadAdvice() {}

  static String of(int errno, String heard) {
    var lines = heard.strip().lines().toList();
    return lines.isEmpty() ? "" : lines.getFirst();
  }
}
