package dev.fid.cli.bench.load;

import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import java.io.IOException;
import java.net.InetAddress;

/// Where clients connect, or the back end listens: an address whose host is a literal.
record Target(SocketName name, boolean tcp, String text) {
  static Target parse(String uri) {
    return switch (Address.parse(uri)) {
      case Address.Tcp(String host, int port) ->
          new Target(SocketName.inet(InetAddress.ofLiteral(host), port), true, uri);
      case Address.Unix(String path) -> new Target(SocketName.unix(path), false, uri);
      case Address other -> throw new IllegalArgumentException("no load is made for " + other);
    };
  }

  /// A socket that is not connected yet; the caller owns it.
  int socket() throws IOException {
    int fd = Sockets.socket(tcp ? Sockets.AF_INET : Sockets.AF_UNIX, Sockets.SOCK_STREAM);
    if (tcp) {
      Sockets.setNoDelay(fd, true);
    }
    return fd;
  }

  @Override
  public String toString() {
    return text;
  }
}
