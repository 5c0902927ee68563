package dev.fid.splice;

import static dev.fid.os.SocketPair.await;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.testkit.Messenger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A stream and a datagram socket that a session joins, with an application at the far end of each.
///
/// Upstream is from the stream to the datagrams.
final class CutEnds implements AutoCloseable {
  private static final int LONGEST = 1 << 20;
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private final SocketPair pair;
  private final Endpoint a;
  private final Endpoint b;
  private int receiver;
  private final MemorySegment room = Arena.ofAuto().allocate(LONGEST);
  private long received;
  private @Nullable SocketName left;
  private @Nullable Session session;

  private CutEnds(Family stream, SocketPair pair, Family datagrams) throws Exception {
    this.pair = pair;
    a = new Endpoint(stream, pair.takeServer());
    receiver = bound(datagrams);
    b = new Endpoint(datagrams, bound(datagrams));
    connect(b.fd(), receiver);
    connect(receiver, b.fd());
    Sockets.raiseReceiveBuffer(receiver, 128 << 20);
  }

  @MustBeClosed
  static CutEnds of(Family stream, Family datagrams) throws Exception {
    return new CutEnds(stream, connect(stream), datagrams);
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  private static SocketPair connect(Family stream) throws Exception {
    return switch (stream) {
      case TCP -> SocketPair.tcp();
      case UNIX_STREAM -> SocketPair.unix();
      case VSOCK -> SocketPair.vsock();
      case UDP, UNIX_DATAGRAM, UNIX_SEQPACKET ->
          throw new IllegalArgumentException(stream + " is no stream");
    };
  }

  private static int bound(Family family) throws OsException {
    SocketName any =
        family == Family.UDP
            ? SocketName.inet(InetAddress.getLoopbackAddress(), 0)
            : SocketName.unnamed();
    int fd = Sockets.socket(any.family(), Sockets.SOCK_DGRAM);
    Sockets.bind(fd, any);
    return fd;
  }

  private static void connect(int from, int to) throws OsException {
    assertThat(Sockets.connect(from, Sockets.localName(to))).isZero();
  }

  Session splice(Splicer splicer, SpliceOptions options) {
    Session started = (Session) splicer.splice(a, b, options);
    session = started;
    return started;
  }

  Session session() {
    return Objects.requireNonNull(session);
  }

  LaneStats upstream() {
    return session().stats().upstream();
  }

  /// What the application has at its end of the stream.
  int stream() {
    return pair.client();
  }

  /// What the application has at its end of the datagrams.
  int receiver() {
    return receiver;
  }

  SocketPair pair() {
    return pair;
  }

  /// Sends all of these, however long the kernel takes.
  void send(MemorySegment bytes) {
    long at = 0;
    while (at < bytes.byteSize()) {
      MemorySegment rest = bytes.asSlice(at);
      long sent = await(() -> Fds.send(stream(), rest), answer -> answer != -Errno.EAGAIN);
      assertThat(sent).as("send").isPositive();
      at += sent;
    }
  }

  /// A message with its length in front.
  static MemorySegment message(Arena arena, Framing framing, long number, int length) {
    MemorySegment framed = arena.allocate(framing.header() + Math.max(length, Long.BYTES));
    if (framing == Framing.LEN16) {
      framed.set(JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0, (short) length);
    } else {
      framed.set(JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0, length);
    }
    if (length >= Long.BYTES) {
      Messenger.message(framed.asSlice(framing.header()), number, length);
    }
    return framed.asSlice(0, framing.header() + length);
  }

  /// Bytes of an endless stream, from this offset on.
  static MemorySegment bytes(Arena arena, long offset, long size) {
    MemorySegment bytes = arena.allocate(size);
    for (long i = 0; i < size; i++) {
      bytes.set(JAVA_BYTE, i, (byte) (((offset + i) * STEP) >>> 56));
    }
    return bytes;
  }

  /// The next datagram.
  MemorySegment receive() {
    boolean live = session().isLive();
    long got = Fds.recv(receiver, room);
    while (got == -Errno.EAGAIN) {
      assertThat(live).as("live: %s", session().stats()).isTrue();
      LockSupport.parkNanos(100_000);
      live = session().isLive();
      got = Fds.recv(receiver, room);
    }
    assertThat(got).as("recv").isNotNegative();
    return room.asSlice(0, got);
  }

  /// A datagram that must be the next bytes of the stream: its length.
  int receiveBytes() {
    MemorySegment got = receive();
    for (long i = 0; i < got.byteSize(); i++) {
      byte expected = (byte) (((received + i) * STEP) >>> 56);
      if (got.get(JAVA_BYTE, i) != expected) {
        throw new AssertionError("byte " + (received + i) + " is wrong");
      }
    }
    received += got.byteSize();
    return (int) got.byteSize();
  }

  /// Datagrams of these bytes of the stream: the length of the longest.
  int receiveBytes(long size) {
    long end = received + size;
    int longest = receiveAtLeast(end);
    assertThat(received).isEqualTo(end);
    return longest;
  }

  /// Datagrams of the stream's bytes up to here, and what comes with the last: the length of the
  /// longest.
  int receiveAtLeast(long end) {
    int longest = 0;
    while (received < end) {
      longest = Math.max(longest, receiveBytes());
    }
    return longest;
  }

  /// Bytes of the stream that have come as datagrams.
  long received() {
    return received;
  }

  /// A datagram that must be this message.
  void receiveMessage(long number, int length) {
    MemorySegment got = receive();
    assertThat(got.byteSize()).as("length of message %d", number).isEqualTo(length);
    if (length >= Long.BYTES) {
      assertThat(got.get(JAVA_LONG_UNALIGNED, 0)).as("number").isEqualTo(number);
      assertThat(Messenger.check(got)).isEqualTo(number);
    }
  }

  /// The receiver goes away; its address stays free.
  void leave() throws OsException {
    left = Sockets.localName(receiver);
    Fds.close(receiver);
  }

  /// A receiver at the same address.
  void comeBack() throws OsException {
    SocketName name = Objects.requireNonNull(left);
    receiver = Sockets.socket(name.family(), Sockets.SOCK_DGRAM);
    Sockets.bind(receiver, name);
  }

  /// Throws away what has come.
  void drain() {
    long got;
    do {
      got = Fds.recv(receiver, room);
    } while (got >= 0);
  }

  /// Sends a datagram back, and expects these bytes at the stream.
  void answer(Arena arena, String text, String expected) {
    assertThat(Fds.send(receiver, arena.allocateFrom(text).asSlice(0, text.length())))
        .isEqualTo(text.length());
    SocketPair.expect(stream(), expected);
  }

  @Override
  public void close() {
    Session present = session;
    if (present == null) {
      Fds.close(a.fd());
      Fds.close(b.fd());
    } else {
      Ends.end(present);
    }
    Fds.close(receiver);
    pair.close();
  }
}
