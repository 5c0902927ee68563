package dev.fid.testkit;

import static dev.fid.os.SocketPair.await;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.ffi.LibC;
import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// An application's end of a UNIX SEQPACKET connection.
///
/// A message of a number is always the same, in its length and in its bytes. A test that waits for
/// ever fails by its harness.
public final class PacketEnd implements AutoCloseable {
  private static final int LONGEST = 60_000;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final long CONTROL = 32;
  private static final long CONTROL_SIZE = 24;

  private final int fd;
  private final Datagram datagram = new Datagram(1 << 10);
  private boolean mayBeReset;
  private boolean closed;

  /// Takes ownership of the descriptor. May be closed more than once.
  public PacketEnd(int fd) {
    this.fd = fd;
  }

  /// Connects to this path, or `@NAME`.
  public static PacketEnd to(String path) throws OsException {
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_SEQPACKET);
    assertThat(Sockets.connect(fd, SocketName.unix(path))).isZero();
    return new PacketEnd(fd);
  }

  /// The next connection of this listener.
  public static PacketEnd of(int listener) {
    return new PacketEnd((int) await(() -> Sockets.accept(listener), fd -> fd != -Errno.EAGAIN));
  }

  public int fd() {
    return fd;
  }

  /// A message by its number: one in three is empty, the others have up to 60,000 bytes.
  public static byte[] message(long number) {
    Random random = new Random(number);
    return bytes(random, number % 3 == 0 ? 0 : random.nextInt(LONGEST) + 1);
  }

  public static byte[] message(long number, int length) {
    return bytes(new Random(number), length);
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /// What send(2) answers.
  public long offer(byte[] message) {
    try (Arena arena = Arena.ofConfined()) {
      return Fds.send(fd, arena.allocateFrom(JAVA_BYTE, message));
    }
  }

  /// Sends it, however long the kernel takes.
  public PacketEnd send(byte[] message) {
    long sent = await(() -> offer(message), answer -> answer != -Errno.EAGAIN);
    assertThat(sent).as("send").isEqualTo(message.length);
    return this;
  }

  /// The same with a descriptor.
  public PacketEnd send(byte[] message, int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment header = header(arena, arena.allocateFrom(JAVA_BYTE, message));
      MemorySegment control = header.get(ADDRESS, CONTROL).reinterpret(CONTROL_SIZE);
      control.set(JAVA_LONG, 0, 20);
      control.set(JAVA_INT, 8, SOL_SOCKET);
      control.set(JAVA_INT, 12, SCM_RIGHTS);
      control.set(JAVA_INT, 16, descriptor);
      long sent = await(() -> LibC.sendmsg(fd, header, 0), answer -> answer != -Errno.EAGAIN);
      assertThat(sent).as("sendmsg").isEqualTo(message.length);
    }
    return this;
  }

  /// The next message must be this one, with a descriptor, which is the caller's.
  public int expectDescriptor(byte[] message) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(message.length);
      MemorySegment header = header(arena, room);
      long got = await(() -> LibC.recvmsg(fd, header, 0), answer -> answer != -Errno.EAGAIN);
      assertThat(got).isEqualTo(message.length);
      assertThat(room.toArray(JAVA_BYTE)).isEqualTo(message);
      MemorySegment control = header.get(ADDRESS, CONTROL).reinterpret(CONTROL_SIZE);
      assertThat(control.get(JAVA_INT, 12)).isEqualTo(SCM_RIGHTS);
      return control.get(JAVA_INT, 16);
    }
  }

  /// A `struct msghdr` of 64-bit Linux, with room for one descriptor.
  private static MemorySegment header(Arena arena, MemorySegment message) {
    MemorySegment header = arena.allocate(56, 8);
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ADDRESS, 0, message);
    vector.set(JAVA_LONG, 8, message.byteSize());
    header.set(ADDRESS, 16, vector);
    header.set(JAVA_LONG, 24, 1);
    header.set(ADDRESS, CONTROL, arena.allocate(CONTROL_SIZE, 8));
    header.set(JAVA_LONG, 40, CONTROL_SIZE);
    return header;
  }

  /// The next message must be this one.
  public void expect(byte[] message) {
    long length = next();
    assertThat(length).as("length").isEqualTo(message.length);
    assertThat(datagram.payload().mismatch(MemorySegment.ofArray(message))).isEqualTo(-1);
  }

  /// What comes next must be the end.
  public void expectEnd() {
    assertThat(next()).as("the end").isEqualTo(Datagram.END);
  }

  /// What a receive answers once it is not EAGAIN: a length, [Datagram#END], or -errno.
  public long next() {
    long answer = await(() -> datagram.receiveWhole(fd), got -> got != -Errno.EAGAIN);
    return answer == -Errno.ECONNRESET && mayBeReset ? next() : answer;
  }

  /// A peer that closes with messages unread is an error first; then comes what it had sent.
  public PacketEnd mayBeReset() {
    mayBeReset = true;
    return this;
  }

  public PacketEnd endWriting() {
    assertThat(Sockets.shutdownWrite(fd)).isZero();
    return this;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Fds.close(fd);
      datagram.close();
    }
  }
}
