package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/// An array of sockets; safe for any number of threads.
public final class SockMap implements SockTable {
  private final BpfMap map;

  SockMap(BpfMap map) {
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
  public int enrol(int index, int socketFd) {
    return map.update(index, socketFd);
  }

  /// Takes a socket out; 0 or -errno, -EINVAL where there is none.
  public int evict(int index) {
    return map.delete(index);
  }

  /// The socket's cookie, or -errno, -ENOENT where there is none.
  public long socketCookie(int index) {
    int failure = map.lookup(index);
    return failure < 0 ? failure : Scratch.own().value().get(JAVA_LONG, 0);
  }

  /// How many indices hold a socket.
  public int size() {
    int found = 0;
    for (int index = 0; index < map.maxEntries(); index++) {
      found += map.lookup(index) == 0 ? 1 : 0;
    }
    return found;
  }
}
