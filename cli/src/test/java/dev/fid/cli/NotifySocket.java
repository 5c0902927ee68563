package dev.fid.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The socket at which systemd listens to its services.
record NotifySocket(String name, int fd) implements AutoCloseable {
  static NotifySocket bind(String name) throws OsException {
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM);
    try {
      Sockets.bind(fd, SocketName.unix(name));
      return new NotifySocket(name, fd);
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  /// The next datagram; waits for it.
  String next() throws InterruptedException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(4096);
      long[] bytes = new long[1];
      Eventually.holds(
          "a datagram has come", () -> (bytes[0] = Fds.recv(fd, buffer)) != -Errno.EAGAIN);
      return new String(buffer.asSlice(0, bytes[0]).toArray(JAVA_BYTE), UTF_8);
    }
  }

  @Override
  public void close() {
    Fds.close(fd);
  }
}
