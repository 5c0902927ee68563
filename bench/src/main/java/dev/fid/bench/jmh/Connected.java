package dev.fid.bench.jmh;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import java.net.InetAddress;

/// Two TCP sockets of this process that are connected with each other.
record Connected(int client, int server) implements AutoCloseable {
  @MustBeClosed
  static Connected open() throws OsException {
    int listener = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM);
    try {
      Sockets.bind(listener, SocketName.inet(InetAddress.ofLiteral("127.0.0.1"), 0));
      Sockets.listen(listener, 1);
      int client = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM);
      int connecting = Sockets.connect(client, Sockets.localName(listener));
      // On loopback the connection stands when connect(2) returns.
      int server = Sockets.accept(listener);
      if (connecting != -Errno.EINPROGRESS || server < 0) {
        throw new OsException("accept", Math.abs(server));
      }
      return new Connected(client, server);
    } finally {
      Fds.close(listener);
    }
  }

  @Override
  public void close() {
    Fds.close(client);
    Fds.close(server);
  }
}
