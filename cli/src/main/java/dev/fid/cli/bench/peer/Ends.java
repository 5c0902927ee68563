package dev.fid.cli.bench.peer;

import dev.fid.cli.bench.workload.Pair;
import java.nio.file.Path;

/// The two addresses of a relay that is to be started, and what it is called.
///
/// @param folder for its files
/// @param name no other relay has it
public record Ends(Pair pair, Path folder, String name, int frontPort, int backPort) {
  private static final String HOST = "127.0.0.1";

  public String frontUri() {
    return uri(pair.front(), frontPort, frontPath());
  }

  public String backUri() {
    return uri(pair.back(), backPort, backPath());
  }

  /// Of the back end, for clients that are to reach it without a relay: TCP where any side is.
  public String directUri() {
    return uri(pair.hasTcp() ? Pair.Side.TCP : pair.back(), backPort, backPath());
  }

  String frontHostPort() {
    return HOST + ":" + frontPort;
  }

  String backHostPort() {
    return HOST + ":" + backPort;
  }

  String frontPath() {
    return folder.resolve(name + ".sock").toString();
  }

  /// All relays have one back end.
  String backPath() {
    return folder.resolve("back-end.sock").toString();
  }

  /// The front's address for programs that write UNIX paths with something before them.
  String front(String unixPrefix) {
    return pair.front() == Pair.Side.UNIX ? unixPrefix + frontPath() : frontHostPort();
  }

  String back(String unixPrefix) {
    return pair.back() == Pair.Side.UNIX ? unixPrefix + backPath() : backHostPort();
  }

  Path file(String ending) {
    return folder.resolve(name + ending);
  }

  private static String uri(Pair.Side side, int port, String path) {
    return switch (side) {
      case TCP -> "tcp://" + HOST + ":" + port;
      case UDP -> "udp://" + HOST + ":" + port;
      case UNIX -> "unix://" + path;
    };
  }
}
