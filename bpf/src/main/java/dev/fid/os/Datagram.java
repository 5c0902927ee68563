package dev.fid.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Room for one datagram, with who sent it and the address that it was sent to.
///
/// Off the heap, and owned by one thread. The offsets are those of `struct msghdr`, `struct iovec`
/// and `struct cmsghdr` on 64-bit Linux.
public final class Datagram implements AutoCloseable {
  /// What [#receiveWhole] answers at the end of a connection.
  public static final long END = Long.MIN_VALUE;

  private static final int MSG_PEEK = 2;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  private static final long MSG_NAME = 0;
  private static final long MSG_NAMELEN = 8;
  private static final long MSG_IOV = 16;
  private static final long MSG_IOVLEN = 24;
  private static final long MSG_CONTROL = 32;
  private static final long MSG_CONTROLLEN = 40;
  private static final long MSG_FLAGS = 48;
  private static final long HEADER_SIZE = 56;
  private static final long IOV_SIZE = 16;
  private static final long NAME_SIZE = 128;
  private static final long CONTROL_SIZE = 256;

  private static final long CMSG_LEVEL = 8;
  private static final long CMSG_TYPE = 12;
  private static final long CMSG_DATA = 16;
  private static final int IPPROTO_IP = 0;
  private static final int IP_PKTINFO = 8;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_PKTINFO = 50;

  /// Bytes in front of a payload, for a length.
  private static final int HEADROOM = 8;

  private static final ValueLayout.OfShort LENGTH16 =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt LENGTH32 =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment header = arena.allocate(HEADER_SIZE, 8);
  private final MemorySegment vector = arena.allocate(IOV_SIZE, 8);
  private final MemorySegment name = arena.allocate(NAME_SIZE, 8);
  private final MemorySegment control = arena.allocate(CONTROL_SIZE, 8);
  private final MemorySegment ownRoom;
  private MemorySegment all;
  private MemorySegment room;
  private long length;

  /// @param capacity the longest datagram that [#receive] receives whole, bytes
  public Datagram(int capacity) {
    all = arena.allocate(HEADROOM + (long) capacity, 64);
    ownRoom = all.asSlice(HEADROOM);
    room = ownRoom;
    header.set(ADDRESS, MSG_NAME, name);
    header.set(ADDRESS, MSG_IOV, vector);
    header.set(JAVA_LONG, MSG_IOVLEN, 1);
    vector.set(ADDRESS, 0, room);
  }

  /// Has room for so many bytes; what was held is gone.
  private void makeRoom(long capacity) {
    if (capacity > room.byteSize()) {
      all = arena.allocate(HEADROOM + Math.max(capacity, 2 * room.byteSize()), 64);
      room = all.asSlice(HEADROOM);
      vector.set(ADDRESS, 0, room);
    }
  }

  /// The room of its capacity, to write a datagram or a part of it; the same for ever.
  public MemorySegment room() {
    return ownRoom;
  }

  /// Takes a copy of this payload.
  public MemorySegment hold(byte[] bytes) {
    makeRoom(bytes.length);
    length = bytes.length;
    MemorySegment.copy(bytes, 0, room, JAVA_BYTE, 0, bytes.length);
    return payload();
  }

  /// What is held, with its length in front: in 2 or 4 bytes, big-endian, or in none.
  public MemorySegment withLength(int header) {
    switch (header) {
      case 0 -> {}
      case 2 -> all.set(LENGTH16, HEADROOM - 2, (short) length);
      case 4 -> all.set(LENGTH32, HEADROOM - 4, (int) length);
      default -> throw new IllegalArgumentException("a length of " + header + " bytes");
    }
    return all.asSlice(HEADROOM - header, header + length);
  }

  /// Receives the next datagram that is there: its length, or -errno. One that is longer than the
  /// room is cut off, and its true length answered.
  ///
  /// Descriptors that came with it are closed by the kernel.
  public long receive(int fd) {
    return receive(fd, 0);
  }

  /// The same, with the local address that it was sent to, if the socket was asked for that.
  public long receiveWithLocal(int fd) {
    return receive(fd, CONTROL_SIZE);
  }

  private long receive(int fd, long controlSize) {
    header.set(JAVA_INT, MSG_NAMELEN, (int) NAME_SIZE);
    header.set(ADDRESS, MSG_CONTROL, controlSize == 0 ? MemorySegment.NULL : control);
    header.set(JAVA_LONG, MSG_CONTROLLEN, controlSize);
    vector.set(JAVA_LONG, 8, room.byteSize());
    long result = LibC.recvmsg(fd, header, MSG_DONTWAIT | MSG_TRUNC);
    length = Math.clamp(result, 0, room.byteSize());
    return result;
  }

  /// Receives the next message of a connection (a UNIX SEQPACKET socket), however long it is: its
  /// length, [#END], or -errno.
  ///
  /// The kernel answers 0 to an empty message and to the end alike, so that is asked before
  /// anything is taken off the socket.
  public long receiveWhole(int fd) {
    long next = LibC.recv(fd, MemorySegment.NULL, 0, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);
    if (next == 0) {
      next = isThere(fd);
    }
    if (next < 0) {
      return next;
    }
    makeRoom(next);
    return receive(fd);
  }

  /// Whether a 0 is a message: 0, [#END], or -errno.
  ///
  /// With a message come its sender's credentials, once they are asked for (SO_PASSCRED), even one
  /// that was sent before; with the end comes nothing (unix_dgram_recvmsg). They are asked for no
  /// longer than that: a socket that asks is given a name when it sends.
  private long isThere(int fd) {
    boolean asked = Sockets.passesCredentials(fd) == 1;
    Sockets.setPassCredentials(fd, true);
    header.set(ADDRESS, MSG_CONTROL, control);
    header.set(JAVA_LONG, MSG_CONTROLLEN, CONTROL_SIZE);
    vector.set(JAVA_LONG, 8, 0);
    long result = LibC.recvmsg(fd, header, MSG_DONTWAIT | MSG_PEEK);
    Sockets.setPassCredentials(fd, asked);
    return result == 0 && header.get(JAVA_LONG, MSG_CONTROLLEN) == 0 ? END : result;
  }

  /// What was received or is held, valid until the next one is.
  public MemorySegment payload() {
    return room.asSlice(0, length);
  }

  /// Who sent it: a UNIX socket that is not bound has no name.
  public SocketName sender() {
    return SocketName.copyOf(name, header.get(JAVA_INT, MSG_NAMELEN));
  }

  /// Whether its sender has an address, to which an answer can be sent.
  public boolean hasSender() {
    return header.get(JAVA_INT, MSG_NAMELEN) > Short.BYTES;
  }

  /// The local address that it was sent to, port 0, if the socket was asked for that.
  public @Nullable SocketName local() {
    if (header.get(JAVA_LONG, MSG_CONTROLLEN) <= CMSG_DATA) {
      return null;
    }
    int level = control.get(JAVA_INT, CMSG_LEVEL);
    int type = control.get(JAVA_INT, CMSG_TYPE);
    if (level == IPPROTO_IP && type == IP_PKTINFO) {
      // struct in_pktinfo: interface, the local address to answer from, the one in the packet.
      return SocketName.inet(control.asSlice(CMSG_DATA + 4, 4), 0);
    }
    if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
      return SocketName.inet(control.asSlice(CMSG_DATA, 16), control.get(JAVA_INT, CMSG_DATA + 16));
    }
    return null;
  }

  /// Sends `bytes` from an unconnected socket to this name, now and without SIGPIPE: how many, or
  /// -errno.
  public long send(int fd, MemorySegment bytes, SocketName to) {
    MemorySegment.copy(to.sockaddr(), 0, name, 0, to.length());
    header.set(JAVA_INT, MSG_NAMELEN, to.length());
    header.set(ADDRESS, MSG_CONTROL, MemorySegment.NULL);
    header.set(JAVA_LONG, MSG_CONTROLLEN, 0);
    header.set(JAVA_INT, MSG_FLAGS, 0);
    vector.set(ADDRESS, 0, bytes);
    vector.set(JAVA_LONG, 8, bytes.byteSize());
    long result = LibC.sendmsg(fd, header, MSG_DONTWAIT | MSG_NOSIGNAL);
    vector.set(ADDRESS, 0, room);
    return result;
  }

  @Override
  public void close() {
    arena.close();
  }
}
