package dev.fid.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Bytes of a UNIX stream, or a message of a UNIX SEQPACKET socket, with the descriptors and
/// credentials that came with them.
///
/// What is received is sent on as it was: descriptors and credentials go with the first byte.
/// Received descriptors are this parcel's until they are sent or dropped, and then closed here.
/// Owned by one thread. The offsets are those of `struct msghdr` and `struct cmsghdr` on 64-bit
/// Linux.
public final class Parcel implements AutoCloseable {
  private static final int MSG_PEEK = 2;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private static final long MSG_IOV = 16;
  private static final long MSG_IOVLEN = 24;
  private static final long MSG_CONTROL = 32;
  private static final long MSG_CONTROLLEN = 40;
  private static final long HEADER_SIZE = 56;
  private static final long IOV_SIZE = 16;

  private static final long CMSG_LEVEL = 8;
  private static final long CMSG_TYPE = 12;
  private static final long CMSG_DATA = 16;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;

  /// `struct ucred`: process, user, group.
  private static final int CREDENTIALS_SIZE = 12;

  /// A message has 253 descriptors at most (SCM_MAX_FD).
  private static final long CONTROL_SIZE = 1200;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment header = arena.allocate(HEADER_SIZE, 8);
  private final MemorySegment vector = arena.allocate(IOV_SIZE, 8);
  private final MemorySegment control = arena.allocate(CONTROL_SIZE, 8);
  private MemorySegment room;
  private long controlLength;
  private long start;
  private long end;

  /// @param capacity bytes that [#receive] takes at most
  public Parcel(int capacity) {
    room = arena.allocate(capacity, 64);
    header.set(ADDRESS, MSG_IOV, vector);
    header.set(JAVA_LONG, MSG_IOVLEN, 1);
  }

  /// Bytes received and not yet sent.
  public long held() {
    return end - start;
  }

  /// Receives what is there: bytes, 0 at the end, or -errno. Only when nothing is held.
  public long receive(int fd) {
    drop();
    vector.set(ADDRESS, 0, room);
    vector.set(JAVA_LONG, 8, room.byteSize());
    header.set(ADDRESS, MSG_CONTROL, control);
    header.set(JAVA_LONG, MSG_CONTROLLEN, CONTROL_SIZE);
    long result = LibC.recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (result >= 0) {
      controlLength = header.get(JAVA_LONG, MSG_CONTROLLEN);
      end = result;
      if (!hasCredentials()) {
        withoutCredentials();
      }
    }
    return result;
  }

  /// Receives the next message of a connection, however long it is: its length, [Datagram#END], or
  /// -errno. The socket must ask for credentials: with each message come some, with the end none.
  public long receiveWhole(int fd) {
    long next = LibC.recv(fd, MemorySegment.NULL, 0, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);
    if (next < 0) {
      return next;
    }
    makeRoom(next);
    long result = receive(fd);
    boolean end = result == 0 && header.get(JAVA_LONG, MSG_CONTROLLEN) == 0;
    return end ? Datagram.END : result;
  }

  /// Takes a copy of a message that came with nothing.
  public void hold(byte[] bytes) {
    drop();
    makeRoom(bytes.length);
    MemorySegment.copy(bytes, 0, room, JAVA_BYTE, 0, bytes.length);
    end = bytes.length;
  }

  private void makeRoom(long capacity) {
    if (capacity > room.byteSize()) {
      room = arena.allocate(Math.max(capacity, 2 * room.byteSize()), 64);
    }
  }

  /// Sends what the socket takes of it: bytes, or -errno.
  ///
  /// Where this process may not speak for the sender (EPERM), it goes without its credentials.
  public long send(int fd) {
    long result = trySend(fd);
    if (result == -Errno.EPERM && controlLength > 0) {
      withoutCredentials();
      result = trySend(fd);
    }
    if (result >= 0) {
      start += result;
      closeDescriptors();
      controlLength = 0;
    }
    return result;
  }

  private long trySend(int fd) {
    vector.set(ADDRESS, 0, room.asSlice(start));
    vector.set(JAVA_LONG, 8, end - start);
    header.set(ADDRESS, MSG_CONTROL, controlLength == 0 ? MemorySegment.NULL : control);
    header.set(JAVA_LONG, MSG_CONTROLLEN, controlLength);
    return LibC.sendmsg(fd, header, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  /// Closes what it holds, and forgets it.
  public void drop() {
    closeDescriptors();
    controlLength = 0;
    start = 0;
    end = 0;
  }

  @Override
  public void close() {
    drop();
    arena.close();
  }

  private interface Visitor {
    /// @param at where the message begins
    /// @param length of all of it
    void message(long at, int type, long length);
  }

  private void visit(Visitor visitor) {
    long at = 0;
    while (at + CMSG_DATA <= controlLength) {
      long length = control.get(JAVA_LONG, at);
      if (length < CMSG_DATA || at + length > controlLength) {
        return;
      }
      if (control.get(JAVA_INT, at + CMSG_LEVEL) == SOL_SOCKET) {
        visitor.message(at, control.get(JAVA_INT, at + CMSG_TYPE), length);
      }
      at += aligned(length);
    }
  }

  private static long aligned(long length) {
    return (length + 7) & -8L;
  }

  private void closeDescriptors() {
    visit((at, type, length) -> {
      if (type == SCM_RIGHTS) {
        for (long fd = at + CMSG_DATA; fd < at + length; fd += Integer.BYTES) {
          Fds.close(control.get(JAVA_INT, fd));
        }
      }
    });
  }

  /// Leaves the descriptors alone, at the beginning.
  private void withoutCredentials() {
    long[] kept = {0};
    visit((at, type, length) -> {
      if (type != SCM_CREDENTIALS && length >= CMSG_DATA) {
        MemorySegment.copy(control, at, control, kept[0], length);
        kept[0] += aligned(length);
      }
    });
    controlLength = kept[0];
  }

  /// Whether credentials are held, of a process that there is: a message sent before its receiver
  /// asked for them has none.
  private boolean hasCredentials() {
    boolean[] found = {false};
    visit((at, type, length) ->
        found[0] |=
            type == SCM_CREDENTIALS
                && length == CMSG_DATA + CREDENTIALS_SIZE
                && control.get(JAVA_INT, at + CMSG_DATA) > 0);
    return found[0];
  }
}
