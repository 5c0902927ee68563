package dev.fid.pipe;

import dev.fid.splice.Family;

/// Where a leg of a pipe listens or connects. Its string is the URI of the pipe file.
public sealed interface Address {
  Family family();

  /// Reads `tcp://HOST:PORT` (a name, an IPv4 address, an IPv6 address in brackets), `unix:///PATH`
  /// or `unix://@NAME`. Nothing is looked up, and nothing is decoded: a `%` in a path is a `%`.
  ///
  /// @throws AddressException that says what is wrong and what to write
  static Address parse(String uri) {
    return AddressParser.parse(uri);
  }

  /// A host name, an IPv4 or an IPv6 address (without brackets), and a port; port 0 listens on a
  /// free one.
  record Tcp(String host, int port) implements Address {
    @Override
    public Family family() {
      return Family.TCP;
    }

    @Override
    public String toString() {
      return "tcp://" + authority(host, port);
    }
  }

  /// A path, or `@NAME` in the abstract namespace.
  record Unix(String path) implements Address {
    @Override
    public Family family() {
      return Family.UNIX_STREAM;
    }

    public boolean isAbstract() {
      return path.startsWith("@");
    }

    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  private static String authority(String host, int port) {
    return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
  }
}
