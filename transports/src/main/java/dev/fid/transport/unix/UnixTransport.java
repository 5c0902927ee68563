package dev.fid.transport.unix;

import dev.fid.splice.Family;

/// Listens and connects with UNIX stream sockets, at paths and abstract names.
public final class UnixTransport extends ConnectedTransport {
  public UnixTransport() {
    super(Family.UNIX_STREAM);
  }
}
