package dev.fid.pipe;

import dev.fid.splice.Family;

/// Where a leg of a pipe listens or connects. Its string is the URI of the pipe file.
public sealed interface Address {
  Family family();

  /// Reads `tcp://HOST:PORT` or `udp://HOST:PORT` (a name, an IPv4 address, an IPv6 address in
  /// brackets), `unix:///PATH` or `unix://@NAME`, and the same with `unix+dgram`. Nothing is looked
  /// up, and nothing is decoded: a `%` in a path is a `%`.
  ///
  /// @throws AddressException that says what is wrong and what to write
  static Address parse(String uri) {
    return AddressParser.parse(uri);
  }

  /// A host name, an IPv4 or an IPv6 address (without brackets), and a port; port 0 listens on a
  /// free one.
  sealed interface Inet extends Address {
    String host();

    int port();
  }

  /// A path, or `@NAME` in the abstract namespace.
  sealed interface Local extends Address {
    String path();

    default boolean isAbstract() {
      return path().startsWith("@");
    }
  }

  /// TCP.
  record Tcp(String host, int port) implements Inet {
    @Override
    public Family family() {
      return Family.TCP;
    }

    @Override
    public String toString() {
      return "tcp://" + authority(host, port);
    }
  }

  /// UDP.
  record Udp(String host, int port) implements Inet {
    @Override
    public Family family() {
      return Family.UDP;
    }

    @Override
    public String toString() {
      return "udp://" + authority(host, port);
    }
  }

  /// A UNIX stream socket.
  record Unix(String path) implements Local {
    @Override
    public Family family() {
      return Family.UNIX_STREAM;
    }

    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  /// A UNIX datagram socket.
  record UnixDatagram(String path) implements Local {
    @Override
    public Family family() {
      return Family.UNIX_DATAGRAM;
    }

    @Override
    public String toString() {
      return "unix+dgram://" + path;
    }
  }

  private static String authority(String host, int port) {
    return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
  }
}
