package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// libc, in C's words: each function answers what C's does, with `-errno` in the place of -1.
public final class LibC {
  private static final MethodHandle ACCEPT4 =
      function("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle BIND = function("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle CONNECT =
      function("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETPEERNAME =
      function("getpeername", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETRLIMIT = function("getrlimit", JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle GETSOCKNAME =
      function("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETSOCKOPT =
      function("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETPAGESIZE = function("getpagesize", JAVA_INT);
  private static final MethodHandle IOCTL =
      variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
  private static final MethodHandle LISTEN = function("listen", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle MMAP =
      function("mmap", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle OPEN =
      variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle RECV =
      function("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SEND =
      function("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SHUTDOWN = function("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SOCKET =
      function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

  // Each function that is linked costs a start some milliseconds: those below are linked when the
  // first
  // of their class is called.

  /// What a relay needs.
  private static final class Relaying {
    static final MethodHandle PIPE2 = function("pipe2", JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle READ = function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    static final MethodHandle SPLICE =
        function("splice", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    static final MethodHandle WRITE = function("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  }

  /// What datagrams and descriptors need: calls with a `struct msghdr`.
  private static final class Headers {
    static final MethodHandle RECVMSG = function("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle SENDMSG = function("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  }

  /// What an end needs.
  private static final class Ending {
    static final MethodHandle MUNMAP = function("munmap", JAVA_INT, ADDRESS, JAVA_LONG);
  }

  /// What few need, or when something has gone wrong.
  private static final class Odd {
    static final MethodHandle FCNTL = variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    static final MethodHandle INET_NTOP =
        function("inet_ntop", ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    static final MethodHandle SOCKETPAIR =
        function("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    static final MethodHandle STRERROR = function("strerror", ADDRESS, JAVA_INT);
    static final MethodHandle SYSCALL =
        variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT);
  }

  private LibC() {}

  /// `int accept4(int sockfd, struct sockaddr *addr, socklen_t *addrlen, int flags)`
  public static int accept4(int fd, MemorySegment name, MemorySegment length, int flags) {
    try {
      return Native.answer((int) ACCEPT4.invokeExact(Native.state(), fd, name, length, flags));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)`
  public static int bind(int fd, MemorySegment name, int length) {
    try {
      return Native.answer((int) BIND.invokeExact(Native.state(), fd, name, length));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int close(int fd)`
  public static int close(int fd) {
    try {
      return Native.answer((int) CLOSE.invokeExact(Native.state(), fd));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int connect(int sockfd, const struct sockaddr *addr, socklen_t addrlen)`
  public static int connect(int fd, MemorySegment name, int length) {
    try {
      return Native.answer((int) CONNECT.invokeExact(Native.state(), fd, name, length));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int fcntl(int fd, int cmd, ... /* arg */)`
  public static int fcntl(int fd, int command, int argument) {
    try {
      return Native.answer((int) Odd.FCNTL.invokeExact(Native.state(), fd, command, argument));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int getpeername(int sockfd, struct sockaddr *addr, socklen_t *addrlen)`
  public static int getpeername(int fd, MemorySegment name, MemorySegment length) {
    try {
      return Native.answer((int) GETPEERNAME.invokeExact(Native.state(), fd, name, length));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int getrlimit(int resource, struct rlimit *rlim)`
  public static int getrlimit(int resource, MemorySegment limit) {
    try {
      return Native.answer((int) GETRLIMIT.invokeExact(Native.state(), resource, limit));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int getsockname(int sockfd, struct sockaddr *addr, socklen_t *addrlen)`
  public static int getsockname(int fd, MemorySegment name, MemorySegment length) {
    try {
      return Native.answer((int) GETSOCKNAME.invokeExact(Native.state(), fd, name, length));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen)`
  public static int getsockopt(
      int fd, int level, int option, MemorySegment value, MemorySegment length) {
    try {
      return Native.answer(
          (int) GETSOCKOPT.invokeExact(Native.state(), fd, level, option, value, length));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int getpagesize(void)`
  public static int getpagesize() {
    try {
      return Native.answer((int) GETPAGESIZE.invokeExact(Native.state()));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `const char *inet_ntop(int af, const void *src, char *dst, socklen_t size)`
  public static MemorySegment inetNtop(
      int family, MemorySegment address, MemorySegment text, int size) {
    try {
      return (MemorySegment) Odd.INET_NTOP.invokeExact(Native.state(), family, address, text, size);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int ioctl(int fd, unsigned long request, ... /* argp */)`
  public static int ioctl(int fd, long request, MemorySegment argument) {
    try {
      return Native.answer((int) IOCTL.invokeExact(Native.state(), fd, request, argument));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int listen(int sockfd, int backlog)`
  public static int listen(int fd, int backlog) {
    try {
      return Native.answer((int) LISTEN.invokeExact(Native.state(), fd, backlog));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)`, with
  /// `addr` left to the kernel; an address, or -errno.
  public static long mmap(long length, int protection, int flags, int fd, long offset) {
    try {
      var mapped =
          (MemorySegment)
              MMAP.invokeExact(
                  Native.state(), MemorySegment.NULL, length, protection, flags, fd, offset);
      return mapped.address() == -1 ? -Native.errno() : mapped.address();
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int munmap(void *addr, size_t length)`
  public static int munmap(MemorySegment address, long length) {
    try {
      return Native.answer((int) Ending.MUNMAP.invokeExact(Native.state(), address, length));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int open(const char *pathname, int flags, ... /* mode_t mode */)`
  public static int open(MemorySegment path, int flags, int mode) {
    try {
      return Native.answer((int) OPEN.invokeExact(Native.state(), path, flags, mode));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int pipe2(int pipefd[2], int flags)`
  public static int pipe2(MemorySegment ends, int flags) {
    try {
      return Native.answer((int) Relaying.PIPE2.invokeExact(Native.state(), ends, flags));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `ssize_t read(int fd, void *buf, size_t count)`
  public static long read(int fd, MemorySegment buffer, long count) {
    try {
      return Native.answer((long) Relaying.READ.invokeExact(Native.state(), fd, buffer, count));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `ssize_t recv(int sockfd, void *buf, size_t len, int flags)`
  public static long recv(int fd, MemorySegment buffer, long length, int flags) {
    try {
      return Native.answer((long) RECV.invokeExact(Native.state(), fd, buffer, length, flags));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags)`
  public static long recvmsg(int fd, MemorySegment message, int flags) {
    try {
      return Native.answer((long) Headers.RECVMSG.invokeExact(Native.state(), fd, message, flags));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `ssize_t send(int sockfd, const void *buf, size_t len, int flags)`
  public static long send(int fd, MemorySegment buffer, long length, int flags) {
    try {
      return Native.answer((long) SEND.invokeExact(Native.state(), fd, buffer, length, flags));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `ssize_t sendmsg(int sockfd, const struct msghdr *msg, int flags)`
  public static long sendmsg(int fd, MemorySegment message, int flags) {
    try {
      return Native.answer((long) Headers.SENDMSG.invokeExact(Native.state(), fd, message, flags));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen)`
  public static int setsockopt(int fd, int level, int option, MemorySegment value, int length) {
    try {
      return Native.answer(
          (int) SETSOCKOPT.invokeExact(Native.state(), fd, level, option, value, length));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int shutdown(int sockfd, int how)`
  public static int shutdown(int fd, int how) {
    try {
      return Native.answer((int) SHUTDOWN.invokeExact(Native.state(), fd, how));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int socket(int domain, int type, int protocol)`
  public static int socket(int domain, int type, int protocol) {
    try {
      return Native.answer((int) SOCKET.invokeExact(Native.state(), domain, type, protocol));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int socketpair(int domain, int type, int protocol, int sv[2])`
  public static int socketpair(int domain, int type, int protocol, MemorySegment pair) {
    try {
      return Native.answer(
          (int) Odd.SOCKETPAIR.invokeExact(Native.state(), domain, type, protocol, pair));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `ssize_t splice(int fd_in, off_t *off_in, int fd_out, off_t *off_out, size_t size, unsigned
  /// int flags)`
  public static long splice(
      int from, MemorySegment fromOffset, int to, MemorySegment toOffset, long length, int flags) {
    try {
      return Native.answer(
          (long)
              Relaying.SPLICE.invokeExact(
                  Native.state(), from, fromOffset, to, toOffset, length, flags));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `char *strerror(int errnum)`
  public static MemorySegment strerror(int errno) {
    try {
      return (MemorySegment) Odd.STRERROR.invokeExact(Native.state(), errno);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `long syscall(long number, ...)`, with three arguments of type `int`.
  public static long syscall(long number, int first, int second, int third) {
    try {
      return Native.answer(
          (long) Odd.SYSCALL.invokeExact(Native.state(), number, first, second, third));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `ssize_t write(int fd, const void *buf, size_t count)`
  public static long write(int fd, MemorySegment buffer, long count) {
    try {
      return Native.answer((long) Relaying.WRITE.invokeExact(Native.state(), fd, buffer, count));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... parameters) {
    return Native.downcall(Native.libc(), name, FunctionDescriptor.of(result, parameters));
  }

  private static MethodHandle variadic(
      String name, int fixed, MemoryLayout result, MemoryLayout... parameters) {
    return Native.downcall(
        Native.libc(),
        name,
        FunctionDescriptor.of(result, parameters),
        Linker.Option.firstVariadicArg(fixed));
  }
}
