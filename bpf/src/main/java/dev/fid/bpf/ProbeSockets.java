package dev.fid.bpf;

import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;

/// A socket that is connected to a listener of this process.
final class ProbeSockets implements AutoCloseable {
  private final int listener;
  private final int connected;

  ProbeSockets(int domain, SocketName name) throws OsException {
    listener = Sockets.socket(domain, Sockets.SOCK_STREAM);
    int client = -1;
    try {
      Sockets.bind(listener, name);
      Sockets.listen(listener, 1);
      client = Sockets.socket(domain, Sockets.SOCK_STREAM);
      Sockets.connect(client, Sockets.localName(listener));
      connected = client;
    } catch (OsException e) {
      close(listener, client);
      throw e;
    }
  }

  /// On loopback TCP is established before connect(2) returns, even without accept(2).
  int connected() {
    return connected;
  }

  @Override
  public void close() {
    close(listener, connected);
  }

  private static void close(int... fds) {
    for (int fd : fds) {
      if (fd >= 0) {
        Fds.close(fd);
      }
    }
  }
}
