package dev.fid.bpf;

/// A map of sockets, to which programs can be attached.
public sealed interface SockTable permits SockHash, SockMap {
  /// Owned by the object that the map came from.
  int fd();

  String name();
}
