package dev.fid.bpf;

import java.util.Comparator;
import java.util.regex.Pattern;

/// A Linux release, as far as its numbers go.
public record KernelVersion(int major, int minor, int patch) implements Comparable<KernelVersion> {
  private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");
  private static final Comparator<KernelVersion> ORDER =
      Comparator.comparingInt(KernelVersion::major)
          .thenComparingInt(KernelVersion::minor)
          .thenComparingInt(KernelVersion::patch);

  /// Reads a release such as `6.12.43+deb13-amd64`.
  public static KernelVersion parse(String release) {
    var matcher = RELEASE.matcher(release.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a Linux release: `%s`".formatted(release.strip()));
    }
    String patch = matcher.group(3);
    return new KernelVersion(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        patch == null ? 0 : Integer.parseInt(patch));
  }

  public static KernelVersion running() {
    return Kernel.running().version();
  }

  /// Whether spliced data cannot be lost or doubled by the sockmap's backlog worker: 6.6.94,
  /// 6.12.34 and 6.15.3 have the fixes (CVE-2025-38165), and so has every line after 6.15.
  public boolean spliceSafe() {
    if (major != 6 || minor > 15) {
      return major >= 6;
    }
    return switch (minor) {
      case 6 -> patch >= 94;
      case 12 -> patch >= 34;
      case 15 -> patch >= 3;
      default -> false;
    };
  }

  @Override
  public int compareTo(KernelVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "%d.%d.%d".formatted(major, minor, patch);
  }
}
