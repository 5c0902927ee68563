package dev.fid.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// What any descriptor can do: bytes in, bytes out, close.
///
/// Calls that answer a number answer what C does, or `-errno`; they allocate nothing. None takes
/// over a descriptor, except [#close(int)].
public final class Fds {
  private static final int MSG_PEEK = 2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int SPLICE_F_MOVE = 1;
  private static final int SPLICE_F_NONBLOCK = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_DIRECTORY = 0x10000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int RLIMIT_NOFILE = 7;

  /// The kernel gives a pipe no less than a page.
  private static final int SMALLEST_PIPE = 4096;

  private Fds() {}

  /// Reads up to the buffer's size: bytes, 0 at the end, or -errno.
  public static long read(int fd, MemorySegment buffer) {
    return LibC.read(fd, buffer, buffer.byteSize());
  }

  /// Writes what the descriptor takes of the buffer: bytes, or -errno. For sockets there is
  /// [#send].
  public static long write(int fd, MemorySegment buffer) {
    return LibC.write(fd, buffer, buffer.byteSize());
  }

  /// Sends what the socket takes of the buffer, now and without SIGPIPE: bytes, or -errno.
  public static long send(int fd, MemorySegment buffer) {
    return LibC.send(fd, buffer, buffer.byteSize(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  /// Receives what is there, up to the buffer's size: bytes, 0 at the end, or -errno.
  public static long recv(int fd, MemorySegment buffer) {
    return LibC.recv(fd, buffer, buffer.byteSize(), MSG_DONTWAIT);
  }

  /// The same, and the bytes stay to be received again.
  public static long peek(int fd, MemorySegment buffer) {
    return LibC.recv(fd, buffer, buffer.byteSize(), MSG_DONTWAIT | MSG_PEEK);
  }

  /// Moves up to `length` bytes without copying them through user space: bytes, 0 at the end, or
  /// -errno. One of the two is a pipe.
  ///
  /// splice(2) has no MSG_NOSIGNAL: a `to` that nobody reads raises SIGPIPE, which the JVM's own
  /// handler swallows, and the answer is -EPIPE. A socket must be non-blocking itself: the flag
  /// speaks of the pipe alone.
  public static long splice(int from, int to, long length) {
    return LibC.splice(
        from,
        MemorySegment.NULL,
        to,
        MemorySegment.NULL,
        length,
        SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  }

  /// Opens a non-blocking pipe of `capacity` bytes, or of the most that this user may have: beyond
  /// `/proc/sys/fs/pipe-max-size`, and beyond a total per user, the kernel asks for
  /// CAP_SYS_RESOURCE. The caller owns it.
  public static Pipe pipe(int capacity) throws OsException {
    MemorySegment ends = Scratch.mine().value();
    OsException.check("pipe2", LibC.pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    int readEnd = ends.getAtIndex(JAVA_INT, 0);
    int writeEnd = ends.getAtIndex(JAVA_INT, 1);
    return new Pipe(readEnd, writeEnd, setCapacity(writeEnd, capacity));
  }

  /// Another descriptor for the same socket or file, closed on exec. The caller owns it.
  public static int duplicate(int fd) throws OsException {
    return OsException.check("duplicate fd " + fd, LibC.fcntl(fd, F_DUPFD_CLOEXEC, 0));
  }

  /// Makes it (not) wait: whether it did not before. That is a property of the open file, so of
  /// every duplicate too.
  public static boolean setNonBlocking(int fd, boolean on) throws OsException {
    int flags = OsException.check("fcntl(F_GETFL)", LibC.fcntl(fd, F_GETFL, 0));
    boolean before = (flags & O_NONBLOCK) != 0;
    if (before != on) {
      int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
      OsException.check("fcntl(F_SETFL)", LibC.fcntl(fd, F_SETFL, wanted));
    }
    return before;
  }

  /// Opens a directory; the caller owns the descriptor.
  public static int openDirectory(Path directory) throws OsException {
    try (Arena arena = Arena.ofConfined()) {
      return OsException.check(
          "open " + directory,
          LibC.open(arena.allocateFrom(directory.toString()), O_DIRECTORY | O_CLOEXEC, 0));
    }
  }

  /// 0, or -errno. The descriptor is gone in either case.
  public static int close(int fd) {
    return LibC.close(fd);
  }

  /// How many descriptors this process may have open: the soft RLIMIT_NOFILE.
  public static long limit() {
    MemorySegment limit = Scratch.mine().value();
    int result = LibC.getrlimit(RLIMIT_NOFILE, limit);
    if (result < 0) {
      throw new AssertionError("getrlimit: " + Errno.name(-result));
    }
    long soft = limit.get(JAVA_LONG, 0);
    return soft < 0 ? Long.MAX_VALUE : soft; // RLIM_INFINITY is all ones
  }

  private static int setCapacity(int pipe, int capacity) {
    for (int ask = Math.max(capacity, SMALLEST_PIPE); ask >= SMALLEST_PIPE; ask /= 2) {
      int got = LibC.fcntl(pipe, F_SETPIPE_SZ, ask);
      if (got >= 0) {
        return got;
      }
    }
    return LibC.fcntl(pipe, F_GETPIPE_SZ, 0);
  }

  /// Both ends of a pipe, and the bytes that it holds at most. Closed once, by its owner.
  public record Pipe(int readEnd, int writeEnd, int capacity) implements AutoCloseable {
    @Override
    public void close() {
      Fds.close(readEnd);
      Fds.close(writeEnd);
    }
  }
}
