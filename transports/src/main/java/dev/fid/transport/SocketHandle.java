package dev.fid.transport;

import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import io.netty.channel.unix.FileDescriptor;

/// A descriptor that Netty's loop can watch and that Fid closes.
///
/// Netty must know that a descriptor is closed: the kernel gives its number to the next socket at
/// once, and a late removal from epoll would hit that one.
public final class SocketHandle extends FileDescriptor {
  public SocketHandle(int fd) {
    super(fd);
  }

  @Override
  public void close() {
    if (markClosed()) {
      Fds.close(intValue());
    }
  }

  /// Closes without a farewell, and so leaves the local port free at once.
  void reset() {
    if (markClosed()) {
      Sockets.reset(intValue());
    }
  }
}
