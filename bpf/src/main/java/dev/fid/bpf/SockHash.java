package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/// A hash from 64-bit keys to sockets; safe for any number of threads.
///
/// A socket leaves by itself when it is closed. Before Linux 6.4 a vsock socket, and always a UNIX
/// SEQPACKET socket, is refused with EOPNOTSUPP.
public final class SockHash implements SockTable {
  private final BpfMap map;

  SockHash(BpfMap map) {
    this.map = map;
  }

  @Override
  public int fd() {
    return map.fd();
  }

  @Override
  public String name() {
    return map.name();
  }

  /// Puts a socket, in place of the one that may be there; 0 or -errno. The caller keeps the fd.
  public int enrol(long key, int socketFd) {
    return map.update(key, socketFd);
  }

  /// Takes a socket out; 0 or -errno, -ENOENT where there is none.
  public int evict(long key) {
    return map.delete(key);
  }

  /// The socket's cookie, or -errno, -ENOENT where there is none.
  public long socketCookie(long key) {
    int failure = map.lookup(key);
    return failure < 0 ? failure : Scratch.own().value().get(JAVA_LONG, 0);
  }

  /// How many sockets a walk over the keys finds.
  public int size() {
    return map.size();
  }
}
