package dev.fid.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.ffi.LibEpoll;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// An epoll instance, level triggered, of one thread. Its calls allocate nothing.
///
/// Each descriptor carries a token, which its events bring back. A closed descriptor leaves by
/// itself.
public final class Epoll implements AutoCloseable {
  public static final int IN = 1;
  public static final int OUT = 4;
  public static final int ERR = 8;
  public static final int HUP = 0x10;

  private static final int CLOEXEC = 0x80000;
  private static final int ADD = 1;
  private static final int MODIFY = 3;

  /// `struct epoll_event` is packed on x86-64.
  private static final int EVENT_SIZE = 12;

  private static final int DATA = 4;
  private static final int LIMIT = 256;
  private static final long SECOND = 1_000_000_000;

  private final int fd;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment events = arena.allocate(LIMIT * EVENT_SIZE, 8);
  private final MemorySegment timeout = arena.allocate(16, 8);

  private Epoll(int fd) {
    this.fd = fd;
  }

  /// To be closed by the thread that opens it.
  @MustBeClosed
  public static Epoll open() throws OsException {
    return new Epoll(OsException.check("epoll_create1", LibEpoll.create1(CLOEXEC)));
  }

  public void add(int socket, int interest, int token) throws OsException {
    control("epoll_ctl(ADD)", ADD, socket, interest, token);
  }

  public void modify(int socket, int interest, int token) throws OsException {
    control("epoll_ctl(MOD)", MODIFY, socket, interest, token);
  }

  /// Waits for events, at most so long: how many there are, 0 also where a signal came.
  public int await(long nanos) throws OsException {
    timeout.setAtIndex(JAVA_LONG, 0, nanos / SECOND);
    timeout.setAtIndex(JAVA_LONG, 1, nanos % SECOND);
    int ready = LibEpoll.pwait2(fd, events, LIMIT, timeout);
    return ready == -Errno.EINTR ? 0 : OsException.check("epoll_pwait2", ready);
  }

  /// What became of the `index`th descriptor of the last [#await]: [#IN], [#OUT] and others.
  public int events(int index) {
    return events.get(JAVA_INT_UNALIGNED, (long) index * EVENT_SIZE);
  }

  public int token(int index) {
    return events.get(JAVA_INT_UNALIGNED, (long) index * EVENT_SIZE + DATA);
  }

  private void control(String what, int operation, int socket, int interest, int token)
      throws OsException {
    MemorySegment event = Scratch.holding(interest);
    event.set(JAVA_INT, DATA, token);
    OsException.check(what, LibEpoll.ctl(fd, operation, socket, event));
  }

  @Override
  public void close() {
    Fds.close(fd);
    arena.close();
  }
}
