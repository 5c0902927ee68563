package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// libc's epoll, in C's words. Apart from [LibC], as `epoll_pwait2` needs glibc 2.35.
public final class LibEpoll {
  private static final MethodHandle CREATE1 = function("epoll_create1", JAVA_INT);
  private static final MethodHandle CTL =
      function("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle PWAIT2 =
      function("epoll_pwait2", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);

  private LibEpoll() {}

  /// `int epoll_create1(int flags)`
  public static int create1(int flags) {
    try {
      return Native.answer((int) CREATE1.invokeExact(Native.state(), flags));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)`
  public static int ctl(int epoll, int operation, int fd, MemorySegment event) {
    try {
      return Native.answer((int) CTL.invokeExact(Native.state(), epoll, operation, fd, event));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// `int epoll_pwait2(int epfd, struct epoll_event *events, int maxevents, const struct timespec
  /// *timeout, const sigset_t *sigmask)`, with the signals left as they are.
  public static int pwait2(int epoll, MemorySegment events, int limit, MemorySegment timeout) {
    try {
      return Native.answer(
          (int)
              PWAIT2.invokeExact(
                  Native.state(), epoll, events, limit, timeout, MemorySegment.NULL));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static MethodHandle function(String name, MemoryLayout... parameters) {
    return Native.downcall(Native.libc(), name, FunctionDescriptor.of(JAVA_INT, parameters));
  }
}
