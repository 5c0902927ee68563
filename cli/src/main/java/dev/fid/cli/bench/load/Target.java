package dev.fid.cli.bench.load;

import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.splice.Family;
import java.io.IOException;
import java.net.InetAddress;

/// Where clients connect, or the back end listens: an address whose host is a literal.
record Target(SocketName name, Family family, String text) {
  /// So that what is lost is not lost by the load generator, on a machine where it has to wait for
  /// its turn.
  private static final int RECEIVE_BUFFER = 8 << 20;

  static Target parse(String uri) {
    return switch (Address.parse(uri)) {
      case Address.Tcp(String host, int port) ->
          new Target(SocketName.inet(InetAddress.ofLiteral(host), port), Family.TCP, uri);
      case Address.Udp(String host, int port) ->
          new Target(SocketName.inet(InetAddress.ofLiteral(host), port), Family.UDP, uri);
      case Address.Unix(String path) -> new Target(SocketName.unix(path), Family.UNIX_STREAM, uri);
      case Address other -> throw new IllegalArgumentException("no load is made for " + other);
    };
  }

  /// A socket that is not connected yet; the caller owns it.
  int socket() throws IOException {
    int fd =
        Sockets.socket(
            family == Family.UNIX_STREAM ? Sockets.AF_UNIX : Sockets.AF_INET,
            datagrams() ? Sockets.SOCK_DGRAM : Sockets.SOCK_STREAM);
    if (datagrams()) {
      Sockets.raiseReceiveBuffer(fd, RECEIVE_BUFFER);
    }
    if (tcp()) {
      Sockets.setNoDelay(fd, true);
    }
    return fd;
  }

  boolean tcp() {
    return family == Family.TCP;
  }

  boolean datagrams() {
    return family == Family.UDP;
  }

  @Override
  public String toString() {
    return text;
  }
}
