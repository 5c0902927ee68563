package dev.fid.transport.unix;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.transport.SocketHandle;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two UNIX datagram sockets: what the kernel's program redirects to the entrance comes out at the
/// exit, whole, with the sender's name in front (`struct detour_header`).
final class Detour implements EpollIoHandle, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Detour.class);
  private static final int BATCH = 64;
  private static final int NAME = 4;
  private static final int NAME_SIZE = 110;
  private static final int HEADER = 116;
  private static final int SEND_BUFFER = 16 << 20;
  private static final int LONGEST = 1 << 20;

  private final int entrance;
  private final SocketHandle exit;
  private final Taker taker;
  private final Datagram datagram = new Datagram(LONGEST);

  /// Takes what comes out.
  @FunctionalInterface
  interface Taker {
    void take(SocketName sender, MemorySegment payload) throws OsException;
  }

  private Detour(int entrance, int exit, Taker taker) {
    this.entrance = entrance;
    this.exit = new SocketHandle(exit);
    this.taker = taker;
  }

  static Detour open(Taker taker) throws OsException {
    int exit = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM);
    int entrance = -1;
    try {
      entrance = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM);
      Sockets.bind(exit, SocketName.unnamed());
      Sockets.bind(entrance, SocketName.unnamed());
      Sockets.setSendBuffer(entrance, SEND_BUFFER);
      join(entrance, exit);
      // Connected to each other they have no limit on what is queued (unix_dgram_sendmsg).
      join(exit, entrance);
      return new Detour(entrance, exit, taker);
    } catch (OsException e) {
      Fds.close(exit);
      if (entrance >= 0) {
        Fds.close(entrance);
      }
      throw e;
    }
  }

  private static void join(int from, int to) throws OsException {
    int result = Sockets.connect(from, Sockets.localName(to));
    if (result < 0) {
      throw new OsException("connect", -result);
    }
  }

  int entrance() {
    return entrance;
  }

  @Override
  public FileDescriptor fd() {
    return exit;
  }

  @Override
  public void handle(IoRegistration ignored, IoEvent event) {
    for (int i = 0; i < BATCH; i++) {
      long length = datagram.receive(exit.intValue());
      if (length == -Errno.EAGAIN) {
        return;
      }
      if (length >= HEADER) {
        take(datagram.payload());
      }
    }
  }

  private void take(MemorySegment message) {
    int length = Math.clamp(message.get(JAVA_INT_UNALIGNED, 0), 0, NAME_SIZE);
    try {
      taker.take(SocketName.unix(message.asSlice(NAME), length), message.asSlice(HEADER));
    } catch (OsException | RuntimeException e) {
      LOG.warn("a datagram for a sender's session: {}", e.toString());
    }
  }

  /// Also when the loop shuts down. What is under way is lost.
  @Override
  public void close() {
    if (exit.isOpen()) {
      exit.close();
      Fds.close(entrance);
      datagram.close();
    }
  }
}
