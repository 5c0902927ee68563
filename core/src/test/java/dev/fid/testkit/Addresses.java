package dev.fid.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/// Addresses for tests.
public final class Addresses {
  private Addresses() {}

  /// A free port of 127.0.0.1.
  public static SocketAddress tcp() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  public static SocketAddress unix(Path directory, String name) {
    return UnixDomainSocketAddress.of(directory.resolve(name));
  }

  /// By the name of its family: `tcp` or `unix`.
  public static SocketAddress of(String family, Path directory, String name) {
    return switch (family) {
      case "tcp" -> tcp();
      case "unix" -> unix(directory, name);
      default -> throw new IllegalArgumentException("no addresses for " + family);
    };
  }
}
