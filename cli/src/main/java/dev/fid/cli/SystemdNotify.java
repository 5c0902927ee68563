package dev.fid.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/// Tells systemd how a service stands, sd_notify(3)'s way: one datagram a state to
/// `$NOTIFY_SOCKET`.
///
/// @param socket a path, or `@NAME` in the abstract namespace; null where nobody listens
record SystemdNotify(@Nullable String socket) {
  static SystemdNotify fromEnvironment() {
    return new SystemdNotify(System.getenv("NOTIFY_SOCKET"));
  }

  void ready() throws IOException {
    send("READY=1\nSTATUS=accepting");
  }

  void stopping() throws IOException {
    send("STOPPING=1\nSTATUS=draining");
  }

  private void send(String state) throws IOException {
    if (socket == null || socket.isEmpty()) {
      return;
    }
    if (!socket.startsWith("/") && !socket.startsWith("@")) {
      throw new IOException(
          "notify %s: only UNIX paths and @NAME are known; set NotifyAccess= and a UNIX socket"
              .formatted(socket));
    }
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM);
    try (Arena arena = Arena.ofConfined()) {
      long sent = Sockets.connect(fd, SocketName.unix(socket));
      if (sent == 0) {
        byte[] bytes = state.getBytes(UTF_8);
        sent = Fds.send(fd, arena.allocateFrom(JAVA_BYTE, bytes));
      }
      if (sent < 0) {
        throw new IOException(
            "notify %s: %s".formatted(socket, Errno.text((int) -sent)),
            new OsException("send", (int) -sent));
      }
    } finally {
      Fds.close(fd);
    }
  }
}
