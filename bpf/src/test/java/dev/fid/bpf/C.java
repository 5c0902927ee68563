package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/// The few calls of libc that tests on sockets need; -1 is an AssertionError.
final class C {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_COOKIE = 57;

  private C() {}

  static int[] unixPair() {
    try (var arena = Arena.ofConfined()) {
      var pair = arena.allocate(JAVA_INT, 2);
      call("socketpair", AF_UNIX, SOCK_STREAM, 0, pair);
      return pair.toArray(JAVA_INT);
    }
  }

  /// Connected through loopback.
  static int[] tcpPair() {
    try (var arena = Arena.ofConfined()) {
      var address = arena.allocate(16);
      address.set(JAVA_SHORT, 0, (short) AF_INET);
      address.set(JAVA_INT, 4, Integer.reverseBytes(0x7f000001));
      var length = arena.allocateFrom(JAVA_INT, 16);
      int listener = call("socket", AF_INET, SOCK_STREAM, 0);
      call("bind", listener, address, 16);
      call("listen", listener, 1);
      call("getsockname", listener, address, length);
      int client = call("socket", AF_INET, SOCK_STREAM, 0);
      call("connect", client, address, 16);
      int server = call("accept", listener, MemorySegment.NULL, MemorySegment.NULL);
      close(listener);
      return new int[] {client, server};
    }
  }

  static long cookie(int fd) {
    try (var arena = Arena.ofConfined()) {
      var cookie = arena.allocate(JAVA_LONG);
      call("getsockopt", fd, SOL_SOCKET, SO_COOKIE, cookie, arena.allocateFrom(JAVA_INT, 8));
      return cookie.get(JAVA_LONG, 0);
    }
  }

  static void write(int fd, byte[] bytes) {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_BYTE, bytes);
      call("write", fd, buffer, (long) bytes.length);
    }
  }

  /// Blocks until all are there. A read of a socket in a map may end early with EAGAIN.
  static byte[] read(int fd, int bytes) {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(bytes);
      for (int done = 0; done < bytes; ) {
        int more = raw("read", fd, buffer.asSlice(done), (long) (bytes - done));
        if (more == 0) {
          throw new AssertionError("end of stream after %d of %d bytes".formatted(done, bytes));
        }
        done += Math.max(0, more);
      }
      return buffer.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }
  }

  static void close(int... fds) {
    for (int fd : fds) {
      call("close", fd);
    }
  }

  static int call(String function, Object... arguments) {
    int result = raw(function, arguments);
    if (result < 0) {
      throw new AssertionError(function + " failed");
    }
    return result;
  }

  static int raw(String function, Object... arguments) {
    var parameters = new MemoryLayout[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      parameters[i] =
          switch (arguments[i]) {
            case Integer _ -> JAVA_INT;
            case Long _ -> JAVA_LONG;
            default -> ADDRESS;
          };
    }
    var linker = Linker.nativeLinker();
    var address = linker.defaultLookup().findOrThrow(function);
    try {
      return (int)
          linker
              .downcallHandle(address, FunctionDescriptor.of(JAVA_INT, parameters))
              .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
