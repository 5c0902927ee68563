package dev.fid.vsock;

import static dev.fid.os.SocketPair.await;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.splice.Framing;
import dev.fid.testkit.Messenger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A vsock stream of this process with numbered messages, as those of [Messenger], each behind its
/// length.
final class FramedVsock implements AutoCloseable {
  private static final ValueLayout.OfShort LENGTH16 =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt LENGTH32 =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int LOCAL = 1;

  private final int fd;
  private final Framing framing;
  private final int header;
  private final MemorySegment room = Arena.ofAuto().allocate(1 << 17);

  private FramedVsock(int fd, Framing framing) {
    this.fd = fd;
    this.framing = framing;
    header = framing == Framing.LEN16 ? Short.BYTES : Integer.BYTES;
  }

  /// To a port of this machine.
  @MustBeClosed
  static FramedVsock connect(long port, Framing framing) throws OsException {
    int fd = Sockets.socket(Sockets.AF_VSOCK, Sockets.SOCK_STREAM);
    SocketPair.bePatient(fd);
    SocketName name = SocketName.vsock(LOCAL, port);
    long answer = await(() -> Sockets.connect(fd, name), got -> !isUnderWay(got));
    if (answer != 0 && answer != -Errno.EISCONN) {
      Fds.close(fd);
      throw new OsException("connect to " + name, (int) -answer);
    }
    return new FramedVsock(fd, framing);
  }

  private static boolean isUnderWay(long answer) {
    return answer == -Errno.EINPROGRESS || answer == -Errno.EALREADY;
  }

  record Message(long number, int length) {}

  void send(long number, int length) {
    if (framing == Framing.LEN16) {
      room.set(LENGTH16, 0, (short) length);
    } else {
      room.set(LENGTH32, 0, length);
    }
    MemorySegment left = room.asSlice(0, header + length);
    Messenger.message(room.asSlice(header), number, length);
    while (left.byteSize() > 0) {
      MemorySegment piece = left;
      long sent = await(() -> Fds.send(fd, piece), got -> got != -Errno.EAGAIN);
      if (sent < 0) {
        throw new AssertionError("send: " + Errno.name((int) -sent));
      }
      left = left.asSlice(sent);
    }
  }

  /// The next message, checked; waits for it.
  Message receive() {
    read(header);
    int length =
        framing == Framing.LEN16
            ? Short.toUnsignedInt(room.get(LENGTH16, 0))
            : room.get(LENGTH32, 0);
    return new Message(Messenger.check(read(length)), length);
  }

  /// Whether the next message has begun to come.
  boolean isReady() {
    return Fds.peek(fd, room.asSlice(0, 1)) != -Errno.EAGAIN;
  }

  /// Whether the other side has ended, and everything was received.
  boolean isAtEnd() {
    return await(() -> Fds.recv(fd, room.asSlice(0, 1)), got -> got != -Errno.EAGAIN) == 0;
  }

  private MemorySegment read(int length) {
    MemorySegment wanted = room.asSlice(0, length);
    for (long had = 0; had < length; ) {
      MemorySegment rest = wanted.asSlice(had);
      long got = await(() -> Fds.recv(fd, rest), answer -> answer != -Errno.EAGAIN);
      if (got <= 0) {
        throw new AssertionError("after " + had + " bytes of " + length + ": " + got);
      }
      had += got;
    }
    return wanted;
  }

  void endWriting() {
    Sockets.shutdownWrite(fd);
  }

  @Override
  public void close() {
    Fds.close(fd);
  }

  /// Where a pipe connects to.
  static final class Listener implements AutoCloseable {
    private final int fd = Sockets.socket(Sockets.AF_VSOCK, Sockets.SOCK_STREAM);

    Listener() throws OsException {
      Sockets.bind(fd, SocketName.vsock(LOCAL, SocketName.VSOCK_ANY));
      Sockets.listen(fd, 16);
    }

    String uri() throws OsException {
      return "vsock://local:" + Sockets.localName(fd).vsockPort();
    }

    @MustBeClosed
    FramedVsock accept(Framing framing) {
      int accepted = (int) await(() -> Sockets.accept(fd), got -> got != -Errno.EAGAIN);
      if (accepted < 0) {
        throw new AssertionError("accept: " + Errno.name(-accepted));
      }
      return new FramedVsock(accepted, framing);
    }

    @Override
    public void close() {
      Fds.close(fd);
    }
  }
}
