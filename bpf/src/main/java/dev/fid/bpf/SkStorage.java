package dev.fid.bpf;

/// A number that programs find with a socket; it ends with the socket. Safe for any number of
/// threads.
///
/// With `BPF_F_CLONE` the sockets that a listener accepts have its number too.
public final class SkStorage {
  private final BpfMap map;

  SkStorage(BpfMap map) {
    this.map = map;
  }

  /// 0 or -errno. The caller keeps the fd.
  public int put(int socketFd, int value) {
    return map.update(socketFd, value);
  }

  /// 0 or -errno, -ENOENT where there is none.
  public int remove(int socketFd) {
    return map.delete(socketFd);
  }
}
