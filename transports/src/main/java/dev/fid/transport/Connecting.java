package dev.fid.transport;

import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.Transport.ConnectHandler;
import dev.fid.splice.Endpoint;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connect, from its call to its handler.
///
/// ```
///  NEW --lookup--> RESOLVING --no such name, timeout--------------------------+
///   |                  | names                                                |
///   +---------+--------+                                                      |
///             v                                                               |
///         attempt(next name) --connected--> DONE (connected)                  |
///          |   ^   |   ^  \                                                   |
///          |   |   |   |   no name left ----------------------> DONE (failed)<+
/// EAGAIN   |   |   |   | EINPROGRESS                                ^
///          v   |   v   | refused, or its share of the time is over   |
///     QUEUE_FULL   PENDING --loop shuts down-------------------------+
///                  |     ^
///                  +-----+ given up by the kernel before that: another socket
/// ```
///
/// A connect that ends within the system call, as of a UNIX socket and over loopback, is never seen
/// by epoll nor by a timer. Whether a pending one has ended is asked by calling connect again: it
/// says EALREADY, 0 or the error, and so a stale event of a reused descriptor does no harm, as it
/// would with SO_ERROR.
///
/// Belongs to its loop.
public final class Connecting {
  private static final long FIRST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Address address;
  private final SocketRules rules;
  private final IoEventLoop loop;
  private final ConnectHandler handler;
  private final long deadline;

  private State state = State.NEW;
  private List<SocketName> names = List.of();
  private int tried;
  private boolean lookedUp;
  private final List<String> refusals = new ArrayList<>(0);
  private @Nullable SocketHandle socket;
  private @Nullable IoRegistration registration;
  private @Nullable Future<?> timer;
  private long attemptNanos;
  private long attemptEnd;
  private long delay;

  enum State {
    NEW,
    RESOLVING,
    PENDING,
    QUEUE_FULL,
    DONE
  }

  public Connecting(
      Address address,
      SocketRules rules,
      Duration timeout,
      IoEventLoop loop,
      ConnectHandler handler) {
    this.address = address;
    this.rules = rules;
    this.loop = loop;
    this.handler = handler;
    this.attemptNanos = timeout.toNanos();
    this.deadline = System.nanoTime() + attemptNanos;
  }

  State state() {
    return state;
  }

  /// Tries these names in order; every one but the last gets an even share of the time that is
  /// left.
  public void start(List<SocketName> names) {
    this.names = names;
    attemptNext();
  }

  /// Tries what the lookup finds; it may block, so it runs on a virtual thread.
  public void start(Callable<List<SocketName>> lookup) {
    state = State.RESOLVING;
    schedule(() -> fail("the name was not found in " + seconds() + ": check DNS"), deadline);
    Thread.ofVirtual().name("fid-lookup-", 0).start(() -> lookUp(lookup));
  }

  private void lookUp(Callable<List<SocketName>> lookup) {
    Runnable next;
    try {
      List<SocketName> found = lookup.call();
      next =
          () -> {
            lookedUp = true;
            start(found);
          };
    } catch (Exception e) {
      String reason = String.valueOf(e.getMessage());
      next = () -> fail(reason);
    }
    Runnable answer = next;
    try {
      loop.execute(() -> {
        if (state == State.RESOLVING) {
          answer.run();
        }
      });
    } catch (RejectedExecutionException e) {
      // The loop is gone, and its end has told the handler already.
    }
  }

  private void attemptNext() {
    while (tried < names.size()) {
      SocketName name = names.get(tried++);
      long now = System.nanoTime();
      attemptEnd = now + (deadline - now) / (names.size() - tried + 1);
      if (names.size() > 1) {
        attemptNanos = attemptEnd - now;
      }
      delay = FIRST_DELAY_NANOS;
      if (attempt(name)) {
        return;
      }
    }
    fail(String.join(", ", refusals));
  }

  /// False when this name is done with.
  private boolean attempt(SocketName name) {
    try {
      socket = new SocketHandle(rules.open(name));
      handler.connecting(socket.intValue());
    } catch (OsException e) {
      return refused(e.errno());
    }
    int result = Sockets.connect(socket.intValue(), name);
    // Over loopback the handshake ends within the first call, which does not say so.
    return progress(
        socket,
        result == -Errno.EINPROGRESS ? rules.connectAgain(socket.intValue(), name) : result);
  }

  private boolean progress(SocketHandle socket, int result) {
    return switch (-result) {
      case 0, Errno.EISCONN -> connected(socket);
      case Errno.EALREADY, Errno.EINPROGRESS -> pending(socket);
      case Errno.EAGAIN -> queueFull();
      case Errno.ETIMEDOUT -> givenUp();
      default -> refused(-result);
    };
  }

  /// By the kernel, maybe before its time is over.
  private boolean givenUp() {
    if (state != State.PENDING || !rules.givesUpEarly() || System.nanoTime() - attemptEnd >= 0) {
      return refused(Errno.ETIMEDOUT);
    }
    release();
    return attempt(names.get(tried - 1));
  }

  private boolean connected(SocketHandle socket) {
    if (rules.isItself(socket.intValue(), names.get(tried - 1))) {
      deregister();
      socket.reset();
      return refused(Errno.ECONNREFUSED);
    }
    state = State.DONE;
    cancelTimer();
    deregister();
    this.socket = null;
    handler.connected(new Endpoint(rules.family(), socket.intValue()));
    return true;
  }

  private boolean pending(SocketHandle socket) {
    if (registration != null) {
      return true;
    }
    Future<IoRegistration> registered = loop.register(new Watch(socket));
    if (!registered.isSuccess()) {
      return refused("the event loop refused the socket: " + registered.cause());
    }
    state = State.PENDING;
    registration = registered.getNow();
    registration.submit(EpollIoOps.EPOLLOUT);
    schedule(this::silent, attemptEnd);
    return true;
  }

  /// The kernel has no event for a UNIX listener's queue that gets room.
  private boolean queueFull() {
    state = State.QUEUE_FULL;
    long now = System.nanoTime();
    if (now - attemptEnd >= 0) {
      return refused(silence());
    }
    schedule(this::again, now + Math.min(delay, attemptEnd - now));
    delay = Math.min(2 * delay, LONGEST_DELAY_NANOS);
    return true;
  }

  private void again() {
    SocketHandle socket = this.socket;
    if (socket == null) {
      return;
    }
    SocketName name = names.get(tried - 1);
    if (!progress(socket, rules.connectAgain(socket.intValue(), name))) {
      attemptNext();
    }
  }

  private void silent() {
    refused(silence());
    attemptNext();
  }

  private String silence() {
    return "no answer in " + seconds() + ": " + rules.silenceAdvice();
  }

  private boolean refused(int errno) {
    String advice = Failure.commonAdvice(errno);
    return refused(Failure.reason(errno, advice.isEmpty() ? rules.connectAdvice(errno) : advice));
  }

  private boolean refused(String reason) {
    release();
    refusals.add(lookedUp ? names.get(tried - 1) + " " + reason : reason);
    return false;
  }

  private void fail(String reason) {
    state = State.DONE;
    release();
    handler.failed(Failure.of("connect to " + address, reason));
  }

  private void release() {
    cancelTimer();
    deregister();
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }

  private void deregister() {
    if (registration != null) {
      registration.cancel();
      registration = null;
    }
  }

  private void schedule(Runnable task, long nanoTime) {
    cancelTimer();
    Future<?> scheduled = loop.schedule(task, nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    timer = scheduled;
    scheduled.addListener(ended -> {
      if (ended.isCancelled() && ended.equals(timer)) {
        shutDown();
      }
    });
  }

  private void cancelTimer() {
    Future<?> old = timer;
    timer = null;
    if (old != null) {
      old.cancel(false);
    }
  }

  /// A loop that ends cancels what is scheduled: the one sign of it that every state gets.
  private void shutDown() {
    if (state != State.DONE) {
      fail("the event loop was shut down");
    }
  }

  private String seconds() {
    long millis = (attemptNanos + 500_000) / 1_000_000;
    return BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString() + " s";
  }

  /// What Netty calls for a pending connect.
  private final class Watch implements EpollIoHandle {
    private final SocketHandle watched;

    Watch(SocketHandle watched) {
      this.watched = watched;
    }

    @Override
    public FileDescriptor fd() {
      return watched;
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
      again();
    }

    @Override
    public void close() {
      shutDown();
    }
  }
}
