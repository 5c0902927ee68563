package dev.fid.transport.unix;

import dev.fid.splice.Family;

/// Listens and connects with UNIX SEQPACKET sockets, at paths and abstract names.
public final class UnixSeqpacketTransport extends ConnectedTransport {
  public UnixSeqpacketTransport() {
    super(Family.UNIX_SEQPACKET);
  }
}
