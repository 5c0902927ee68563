package dev.fid.os;

import static dev.fid.os.Sockets.AF_INET;
import static dev.fid.os.Sockets.AF_INET6;
import static dev.fid.os.Sockets.AF_UNIX;
import static dev.fid.os.Sockets.AF_VSOCK;
import static dev.fid.os.Sockets.SOCK_SEQPACKET;
import static dev.fid.os.Sockets.SOCK_STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;

/// Two connected sockets of this process, and the listener that they met at.
public final class SocketPair implements AutoCloseable {
  private static final int CLOSED = -1;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_INFO = 11;
  private static final int TCP_CLOSE_WAIT = 8;
  private static final int SO_VM_SOCKETS_CONNECT_TIMEOUT = 6;

  private final int listener;
  private int client;
  private int server;

  private SocketPair(int listener, int client, int server) {
    this.listener = listener;
    this.client = client;
    this.server = server;
  }

  @MustBeClosed
  public static SocketPair tcp() throws Exception {
    return connected(AF_INET, SocketName.inet(InetAddress.ofLiteral("127.0.0.1"), 0));
  }

  /// The same, and `listening` is told of the listener before anything connects.
  @MustBeClosed
  public static SocketPair tcp(IntConsumer listening) throws Exception {
    return connected(AF_INET, SocketName.inet(InetAddress.ofLiteral("127.0.0.1"), 0), listening);
  }

  @MustBeClosed
  static SocketPair tcp6() throws Exception {
    return connected(AF_INET6, SocketName.inet(InetAddress.ofLiteral("::1"), 0));
  }

  @MustBeClosed
  public static SocketPair unix() throws Exception {
    return connected(AF_UNIX, anyAbstractName());
  }

  /// UNIX SEQPACKET.
  @MustBeClosed
  public static SocketPair seqpacket() throws Exception {
    return connected(AF_UNIX, SOCK_SEQPACKET, anyAbstractName(), _ -> {});
  }

  /// Over this machine's own CID, 1. Only in a virtual machine that was started for it.
  @MustBeClosed
  public static SocketPair vsock() throws Exception {
    return connected(AF_VSOCK, SocketName.vsock(1, SocketName.VSOCK_ANY));
  }

  static SocketName anyAbstractName() {
    return SocketName.unix("@fid-test-" + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE));
  }

  @MustBeClosed
  static SocketPair connected(int domain, SocketName name) throws Exception {
    return connected(domain, name, _ -> {});
  }

  @MustBeClosed
  private static SocketPair connected(int domain, SocketName name, IntConsumer listening)
      throws Exception {
    return connected(domain, SOCK_STREAM, name, listening);
  }

  @MustBeClosed
  private static SocketPair connected(int domain, int type, SocketName name, IntConsumer listening)
      throws Exception {
    int listener = Sockets.socket(domain, type);
    Sockets.bind(listener, name);
    Sockets.listen(listener, 16);
    listening.accept(listener);
    int client = Sockets.socket(domain, type);
    if (domain == AF_VSOCK) {
      bePatient(client);
    }
    assertThat(Sockets.connect(client, Sockets.localName(listener))).isIn(0, -Errno.EINPROGRESS);
    int server = (int) await(() -> Sockets.accept(listener), fd -> fd != -Errno.EAGAIN);
    assertThat(server).isNotNegative();
    if (domain == AF_VSOCK) {
      // accept(2) may return before the answer has reached the client.
      await(() -> Sockets.connect(client, name), answer -> answer == -Errno.EISCONN);
    }
    return new SocketPair(listener, client, server);
  }

  /// Has the kernel give a connect of vsock up after a minute, in place of 2 s, in which an
  /// emulated machine may not come to answer.
  public static void bePatient(int vsock) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment seconds = arena.allocate(2 * Long.BYTES, Long.BYTES); // struct timeval
      seconds.set(ValueLayout.JAVA_LONG, 0, 60);
      assertThat(
              LibC.setsockopt(
                  vsock,
                  AF_VSOCK,
                  SO_VM_SOCKETS_CONNECT_TIMEOUT,
                  seconds,
                  (int) seconds.byteSize()))
          .isZero();
    }
  }

  /// The first answer of `call` that is `right`. A test that waits for ever fails by its harness.
  public static long await(LongSupplier call, LongPredicate right) {
    long answer = call.getAsLong();
    while (!right.test(answer)) {
      LockSupport.parkNanos(100_000);
      answer = call.getAsLong();
    }
    return answer;
  }

  public static void sendAll(int fd, String text) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(text).asSlice(0, text.length());
      assertThat(Fds.send(fd, bytes)).isEqualTo(text.length());
    }
  }

  /// Waits for as many characters as `text` has, and compares. By reading: vsock knows SIOCINQ
  /// since Linux 6.17 only.
  public static void expect(int fd, String text) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(4096);
      long end = 0;
      while (end < text.length()) {
        MemorySegment rest = buffer.asSlice(end);
        long got = await(() -> Fds.recv(fd, rest), answer -> answer != -Errno.EAGAIN);
        assertThat(got).isPositive();
        end += got;
      }
      assertThat(new String(buffer.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE), UTF_8))
          .isEqualTo(text);
    }
  }

  static String receive(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(4096);
      long got = Fds.recv(fd, buffer);
      assertThat(got).isNotNegative();
      return new String(buffer.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE), UTF_8);
    }
  }

  /// What recv(2) answers once it is not EAGAIN.
  public static long received(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(4096);
      return await(() -> Fds.recv(fd, buffer), got -> got != -Errno.EAGAIN);
    }
  }

  /// Whether the end of what a TCP peer sends has arrived (TCP_INFO: CLOSE_WAIT).
  public static boolean isHalfClosed(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(1);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
      assertThat(LibC.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, length)).isZero();
      return info.get(ValueLayout.JAVA_BYTE, 0) == TCP_CLOSE_WAIT;
    }
  }

  int listener() {
    return listener;
  }

  public int client() {
    return client;
  }

  public int server() {
    return server;
  }

  /// Makes the socket that was accepted the client's, and that which connected the server's.
  @CanIgnoreReturnValue
  public SocketPair turn() {
    int accepted = server;
    server = client;
    client = accepted;
    return this;
  }

  /// Hands the server's descriptor over: whoever takes it closes it.
  public int takeServer() {
    int taken = server;
    server = CLOSED;
    return taken;
  }

  public void closeClient(IntConsumer means) {
    means.accept(client);
    client = CLOSED;
  }

  @Override
  public void close() {
    for (int fd : new int[] {client, server, listener}) {
      if (fd != CLOSED) {
        Fds.close(fd);
      }
    }
  }
}
