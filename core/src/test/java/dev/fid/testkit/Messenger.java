package dev.fid.testkit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// An application's datagram socket, UDP or UNIX: what it sends has a number, and bytes that follow
/// from it; what it receives is checked to be so, and whole.
///
/// A receive waits for a minute, and then fails.
public final class Messenger implements AutoCloseable {
  private static final long STEP = 0x9E3779B97F4A7C15L;
  private static final int LONGEST = 1 << 20;

  private final int fd;
  private final Datagram datagram = new Datagram(LONGEST);

  private Messenger(int fd) {
    this.fd = fd;
  }

  /// Bound to a free port of this literal address.
  @MustBeClosed
  public static Messenger udp(String host) throws OsException {
    return bound(SocketName.inet(InetAddress.ofLiteral(host), 0));
  }

  /// Bound to this path, or `@NAME`.
  @MustBeClosed
  public static Messenger unix(String path) throws OsException {
    return bound(SocketName.unix(path));
  }

  /// A UNIX socket without a name.
  @MustBeClosed
  public static Messenger unnamed() throws OsException {
    return new Messenger(Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM));
  }

  /// Bound to just this address.
  @MustBeClosed
  public static Messenger at(Address address) throws OsException {
    return bound(name(address));
  }

  /// A client of this address: UDP on the same host, or a UNIX socket without a name.
  @MustBeClosed
  public static Messenger to(Address address) throws OsException {
    SocketName name = name(address);
    int fd = Sockets.socket(name.family(), Sockets.SOCK_DGRAM);
    int result = Sockets.connect(fd, name);
    if (result < 0) {
      Fds.close(fd);
      throw new OsException("connect to " + address, -result);
    }
    return new Messenger(fd);
  }

  @MustBeClosed
  private static Messenger bound(SocketName name) throws OsException {
    int fd = Sockets.socket(name.family(), Sockets.SOCK_DGRAM);
    try {
      Sockets.bind(fd, name);
      return new Messenger(fd);
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  public int fd() {
    return fd;
  }

  /// The address at which others reach it.
  public Address address() throws OsException {
    SocketName name = Sockets.localName(fd);
    return name.family() == Sockets.AF_UNIX
        ? new Address.UnixDatagram(name.host())
        : new Address.Udp(name.host(), name.port());
  }

  static SocketName name(Address address) {
    return switch (address) {
      case Address.Udp(String host, int port) -> SocketName.inet(InetAddress.ofLiteral(host), port);
      case Address.UnixDatagram(String path) -> SocketName.unix(path);
      default -> throw new IllegalArgumentException("no datagrams to " + address);
    };
  }

  public Messenger connect(Address address) throws OsException {
    int result = Sockets.connect(fd, name(address));
    if (result < 0) {
      throw new OsException("connect to " + address, -result);
    }
    return this;
  }

  /// Sends message `number` of this length to where it is connected, and waits while the kernel
  /// holds it back.
  public void send(long number, int length) {
    send(message(datagram.room(), number, length));
  }

  public void send(MemorySegment bytes) {
    long sent = Fds.send(fd, bytes);
    while (sent == -Errno.EAGAIN || sent == -Errno.ENOBUFS) {
      LockSupport.parkNanos(20_000);
      sent = Fds.send(fd, bytes);
    }
    if (sent != bytes.byteSize() && sent != -Errno.ECONNREFUSED) {
      throw new AssertionError("send of " + bytes.byteSize() + " bytes: " + sent);
    }
  }

  /// Sends a text in place of a numbered message.
  public void sendText(String text) {
    send(datagram.hold(text.getBytes(US_ASCII)));
  }

  /// The next datagram, which is a text.
  public String receiveText() {
    SocketPair.await(() -> datagram.receive(fd), length -> length != -Errno.EAGAIN);
    return new String(datagram.payload().toArray(JAVA_BYTE), US_ASCII);
  }

  /// Sends a datagram of length 0.
  public void sendEmpty() {
    send(datagram.room().asSlice(0, 0));
  }

  /// Sends to an address.
  public void sendTo(SocketName to, long number, int length) {
    MemorySegment bytes = message(datagram.room(), number, length);
    long sent = datagram.send(fd, bytes, to);
    if (sent != bytes.byteSize()) {
      throw new AssertionError("send of " + bytes.byteSize() + " bytes to " + to + ": " + sent);
    }
  }

  /// A message: at least 8 bytes, as its number takes so many.
  public static MemorySegment message(MemorySegment room, long number, int length) {
    MemorySegment message = room.asSlice(0, length);
    message.set(JAVA_LONG_UNALIGNED, 0, number);
    for (int i = Long.BYTES; i < length; i++) {
      message.set(JAVA_BYTE, i, expected(number, i));
    }
    return message;
  }

  /// The same, on the heap.
  public static byte[] bytes(long number, int length) {
    byte[] bytes = new byte[length];
    message(MemorySegment.ofArray(bytes), number, length);
    return bytes;
  }

  private static byte expected(long number, int index) {
    return (byte) (((number + index) * STEP) >>> 56);
  }

  /// Checks a message, and gives its number.
  public static long check(MemorySegment message) {
    if (message.byteSize() < Long.BYTES) {
      throw new AssertionError("a message of " + message.byteSize() + " bytes");
    }
    long number = message.get(JAVA_LONG_UNALIGNED, 0);
    for (int i = Long.BYTES; i < message.byteSize(); i++) {
      if (message.get(JAVA_BYTE, i) != expected(number, i)) {
        throw new AssertionError("message " + number + " is wrong at byte " + i);
      }
    }
    return number;
  }

  /// The next message, checked.
  public Received receive() {
    Received received = receiveWithin(Duration.ofMinutes(1));
    if (received == null) {
      throw new AssertionError("no message came in a minute");
    }
    return received;
  }

  /// The same, or null where none has come in this time.
  public @Nullable Received receiveWithin(Duration patience) {
    long deadline = System.nanoTime() + Patience.of(patience).toNanos();
    Received received = poll();
    while (received == null && System.nanoTime() < deadline) {
      LockSupport.parkNanos(50_000);
      received = poll();
    }
    return received;
  }

  /// The same, or null where there is none now.
  public @Nullable Received poll() {
    long length = datagram.receive(fd);
    if (length == -Errno.EAGAIN || length == -Errno.ECONNREFUSED) {
      return null;
    }
    if (length < 0) {
      throw new AssertionError("receive: " + Errno.name((int) -length));
    }
    return new Received(check(datagram.payload()), (int) length, datagram.sender());
  }

  /// A message that came, and from where.
  public record Received(long number, int length, SocketName from) {}

  @Override
  public void close() {
    Fds.close(fd);
    datagram.close();
  }
}
