package dev.fid.os;

import static dev.fid.os.Sockets.AF_INET;
import static dev.fid.os.Sockets.AF_INET6;
import static dev.fid.os.Sockets.AF_UNIX;
import static dev.fid.os.Sockets.AF_VSOCK;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The name of a socket, in C's layout: a `sockaddr_in`, `sockaddr_in6`, `sockaddr_un` or
/// `sockaddr_vm`.
///
/// Immutable. Its string is `127.0.0.1:80`, `[::1]:80`, `/run/a.sock`, `@abstract`, `3:5000` for
/// port 5000 of the machine with CID 3, or `unnamed` for a UNIX socket that was never bound.
public final class SocketName {
  /// The bytes that a UNIX path can have: `sun_path` has 108, with a NUL.
  public static final int UNIX_PATH_LIMIT = 107;

  /// As a CID every one of this machine, as a port a free one (VMADDR_CID_ANY, VMADDR_PORT_ANY).
  public static final long VSOCK_ANY = 0xffff_ffffL;

  private static final ValueLayout.OfShort PORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int PATH = 2;
  private static final int INET_SIZE = 16;
  private static final int INET_ADDRESS = 4;
  private static final int INET6_SIZE = 28;
  private static final int INET6_ADDRESS = 8;
  private static final int INET6_SCOPE = 24;
  private static final int INET6_TEXT = 46;
  private static final int VSOCK_SIZE = 16;
  private static final int VSOCK_PORT = 4;
  private static final int VSOCK_CID = 8;

  private final MemorySegment sockaddr;

  private SocketName(MemorySegment sockaddr) {
    this.sockaddr = sockaddr.asReadOnly();
  }

  /// An IPv4 or IPv6 address and a port; port 0 lets the kernel choose one.
  public static SocketName inet(InetAddress address, int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not in 0..65535");
    }
    boolean six = address instanceof Inet6Address;
    MemorySegment name = allocate(six ? AF_INET6 : AF_INET, six ? INET6_SIZE : INET_SIZE);
    name.set(PORT, 2, (short) port);
    byte[] bytes = address.getAddress();
    MemorySegment.copy(bytes, 0, name, JAVA_BYTE, six ? INET6_ADDRESS : INET_ADDRESS, bytes.length);
    if (address instanceof Inet6Address inet6) {
      name.set(JAVA_INT, INET6_SCOPE, inet6.getScopeId());
    }
    return new SocketName(name);
  }

  /// A path, or `@NAME` in the abstract namespace, of at most [#UNIX_PATH_LIMIT] bytes.
  public static SocketName unix(String path) {
    byte[] bytes = path.getBytes(UTF_8);
    boolean isAbstract = path.startsWith("@");
    int limit = isAbstract ? UNIX_PATH_LIMIT + 1 : UNIX_PATH_LIMIT;
    if (bytes.length > limit) {
      throw new IllegalArgumentException(
          path + ": is " + bytes.length + " bytes, a UNIX socket's path has at most " + limit);
    }
    if (bytes.length == 0 || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a UNIX socket's path is not empty and has no NUL");
    }
    // unix(7): an abstract name is as long as addrlen says, a path ends with a NUL.
    MemorySegment name = allocate(AF_UNIX, PATH + bytes.length + (isAbstract ? 0 : 1));
    MemorySegment.copy(bytes, 0, name, JAVA_BYTE, PATH, bytes.length);
    if (isAbstract) {
      name.set(JAVA_BYTE, PATH, (byte) 0);
    }
    return new SocketName(name);
  }

  /// No name: bound to it, a UNIX socket gets an abstract name of the kernel's choice (unix(7),
  /// autobind).
  public static SocketName unnamed() {
    return new SocketName(allocate(AF_UNIX, PATH));
  }

  /// A UNIX name as a program has copied it: the first `length` bytes of a `sockaddr_un`.
  public static SocketName unix(MemorySegment sockaddr, int length) {
    return copyOf(sockaddr, length);
  }

  /// The same address with another port.
  public SocketName withPort(int port) {
    MemorySegment copy = Arena.ofAuto().allocate(sockaddr.byteSize(), 8).copyFrom(sockaddr);
    copy.set(PORT, 2, (short) port);
    return new SocketName(copy);
  }

  /// An IPv4 (4 bytes) or IPv6 address (16 bytes) where the kernel wrote it.
  static SocketName inet(MemorySegment address, int scope) {
    boolean six = address.byteSize() > 4;
    MemorySegment name = allocate(six ? AF_INET6 : AF_INET, six ? INET6_SIZE : INET_SIZE);
    MemorySegment.copy(address, 0, name, six ? INET6_ADDRESS : INET_ADDRESS, address.byteSize());
    if (six) {
      name.set(JAVA_INT, INET6_SCOPE, isLinkLocal(address) ? scope : 0);
    }
    return new SocketName(name);
  }

  private static boolean isLinkLocal(MemorySegment address) {
    return address.get(JAVA_BYTE, 0) == (byte) 0xfe && (address.get(JAVA_BYTE, 1) & 0xc0) == 0x80;
  }

  /// A context of vsock, that is a machine, and a port; both have 32 bits without a sign.
  public static SocketName vsock(long cid, long port) {
    if (cid != (cid & VSOCK_ANY) || port != (port & VSOCK_ANY)) {
      throw new IllegalArgumentException("vsock " + cid + ":" + port + " is not of 32 bits");
    }
    MemorySegment name = allocate(AF_VSOCK, VSOCK_SIZE);
    name.set(JAVA_INT, VSOCK_PORT, (int) port);
    name.set(JAVA_INT, VSOCK_CID, (int) cid);
    return new SocketName(name);
  }

  /// A copy of what the kernel wrote.
  static SocketName copyOf(MemorySegment sockaddr, int length) {
    MemorySegment copy = Arena.ofAuto().allocate(Math.max(length, JAVA_SHORT.byteSize()), 8);
    return new SocketName(copy.copyFrom(sockaddr.asSlice(0, length)));
  }

  /// AF_INET, AF_INET6, AF_UNIX, AF_VSOCK, or another that the kernel named.
  public int family() {
    return sockaddr.get(JAVA_SHORT, 0);
  }

  /// The port of an IPv4 or IPv6 name, 0 for all others.
  public int port() {
    return isInet() ? Short.toUnsignedInt(sockaddr.get(PORT, 2)) : 0;
  }

  /// The IPv4 or IPv6 address as text, without brackets; the path of a UNIX name, `@NAME` if
  /// abstract, empty if it has none.
  public String host() {
    return isInet() ? address() : family() == AF_UNIX ? path() : "";
  }

  /// The port of a vsock name.
  public long vsockPort() {
    return Integer.toUnsignedLong(sockaddr.get(JAVA_INT, VSOCK_PORT));
  }

  private long vsockCid() {
    return Integer.toUnsignedLong(sockaddr.get(JAVA_INT, VSOCK_CID));
  }

  MemorySegment sockaddr() {
    return sockaddr;
  }

  int length() {
    return (int) sockaddr.byteSize();
  }

  private boolean isInet() {
    return family() == AF_INET || family() == AF_INET6;
  }

  private String address() {
    boolean six = family() == AF_INET6;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(INET6_TEXT);
      MemorySegment address = sockaddr.asSlice(six ? INET6_ADDRESS : INET_ADDRESS);
      LibC.inetNtop(family(), address, text, INET6_TEXT);
      int scope = six ? sockaddr.get(JAVA_INT, INET6_SCOPE) : 0;
      return scope == 0 ? text.getString(0) : text.getString(0) + "%" + scope;
    }
  }

  private String path() {
    byte[] bytes = sockaddr.asSlice(PATH).toArray(JAVA_BYTE);
    if (bytes.length == 0) {
      return "";
    }
    if (bytes[0] == 0) {
      return new String(bytes, UTF_8).replace('\0', '@'); // as ss(8) and /proc/net/unix write it
    }
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, UTF_8);
  }

  private static MemorySegment allocate(int family, int size) {
    MemorySegment name = Arena.ofAuto().allocate(size, 8);
    name.set(JAVA_SHORT, 0, (short) family);
    return name;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SocketName name && sockaddr.mismatch(name.sockaddr) == -1;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sockaddr.toArray(JAVA_BYTE));
  }

  @Override
  public String toString() {
    return switch (family()) {
      case AF_INET -> host() + ":" + port();
      case AF_INET6 -> "[" + host() + "]:" + port();
      case AF_UNIX -> host().isEmpty() ? "unnamed" : host();
      case AF_VSOCK -> vsockCid() + ":" + vsockPort();
      default -> "a name of family " + family();
    };
  }
}
