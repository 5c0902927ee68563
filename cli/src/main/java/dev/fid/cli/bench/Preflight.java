package dev.fid.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a bench needs of the machine, looked at before it begins.
public final class Preflight {
  private static final Path AVAILABLE =
      Path.of("/proc/sys/net/ipv4/tcp_available_congestion_control");
  private static final List<String> TOOLS = List.of("unshare", "nsenter", "setpriv", "ip");
  private static final List<String> FOLDERS = List.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/");

  /// CAP_NET_ADMIN and CAP_SYS_ADMIN.
  private static final long NEEDED = (1L << 12) | (1L << 21);

  private Preflight() {}

  /// The congestion controls that the kernel has loaded.
  public static List<String> congestionControls() throws IOException {
    return List.of(Files.readString(AVAILABLE).strip().split(" +"));
  }

  /// Throws where something is missing.
  ///
  /// @throws IOException that says what is missing and what to do
  public static void check() throws IOException {
    if ((effectiveCapabilities() & NEEDED) != NEEDED) {
      throw new IOException(
          "bench: network namespaces of its own need root (CAP_SYS_ADMIN, CAP_NET_ADMIN): run it with sudo");
    }
    for (String tool : TOOLS) {
      if (FOLDERS.stream().noneMatch(folder -> Files.isExecutable(Path.of(folder + tool)))) {
        throw new IOException(
            "bench: " + tool + " is not installed: apt-get install util-linux iproute2");
      }
    }
  }

  private static long effectiveCapabilities() throws IOException {
    return Files.readString(Path.of("/proc/self/status"))
        .lines()
        .filter(line -> line.startsWith("CapEff:"))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .findFirst()
        .orElse(0);
  }
}
