package dev.fid.splice;

/// The families of sockets that Fid knows. TCP, UNIX and vsock streams can be spliced; the others
/// are not built yet.
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
}
