package dev.fid.splice;

import dev.fid.os.Sockets;

/// The families of sockets that Fid knows.
public enum Family {
  TCP("tcp", Sockets.SOCK_STREAM),
  UDP("udp", Sockets.SOCK_DGRAM),
  UNIX_STREAM("unix", Sockets.SOCK_STREAM),
  UNIX_DATAGRAM("unix+dgram", Sockets.SOCK_DGRAM),

  /// Connected as a stream, with the boundaries of datagrams. No sockmap takes it.
  UNIX_SEQPACKET("unix+seqpacket", Sockets.SOCK_SEQPACKET),
  VSOCK("vsock", Sockets.SOCK_STREAM);

  private final String scheme;
  private final int type;

  Family(String scheme, int type) {
    this.scheme = scheme;
    this.type = type;
  }

  /// The scheme of this family's addresses.
  public String scheme() {
    return scheme;
  }

  /// The SO_TYPE of its sockets.
  public int type() {
    return type;
  }

  /// Whether its sockets have no connection that could end.
  public boolean isDatagram() {
    return type == Sockets.SOCK_DGRAM;
  }

  /// Whether its sockets send and receive messages, each whole or not at all.
  public boolean keepsBoundaries() {
    return type != Sockets.SOCK_STREAM;
  }
}
