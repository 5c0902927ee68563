package dev.fid.splice;

/// The families of sockets that Fid knows.
public enum Family {
  TCP("tcp"),
  UDP("udp"),
  UNIX_STREAM("unix"),
  UNIX_DATAGRAM("unix+dgram"),
  VSOCK("vsock");

  private final String scheme;

  Family(String scheme) {
    this.scheme = scheme;
  }

  /// The scheme of this family's addresses.
  public String scheme() {
    return scheme;
  }

  /// Whether its sockets send and receive messages, each whole or not at all.
  public boolean isDatagram() {
    return this == UDP || this == UNIX_DATAGRAM;
  }
}
