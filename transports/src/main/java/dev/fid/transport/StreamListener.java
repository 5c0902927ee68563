package dev.fid.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.fid.os.Errno;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.Transport;
import dev.fid.splice.Endpoint;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket of any family and its accept loop.
///
/// ```
/// bound --start--> accepting --out of descriptors--> paused (100 ms) --+
///   |                  |  ^-------------------------------------------+
///   +-----close--------+--> closed
/// ```
///
/// The loop accepts; any thread may close. The monitor keeps an accept off a descriptor that was
/// just closed, whose number may be another socket's by then; it is held for one non-blocking
/// system call at a time.
public final class StreamListener implements Transport.Listener {
  /// Accepts per event, so that one busy listener does not keep the loop from its other sockets.
  static final int BATCH = 64;

  static final long PAUSE_MILLIS = 100;

  private static final Logger log = LoggerFactory.getLogger(StreamListener.class);

  private final SocketHandle socket;
  private final Address address;
  private final Runnable beforeClose;
  private final AcceptTrouble trouble;

  @GuardedBy("this") private boolean closed;

  @GuardedBy("this") private @Nullable IoRegistration registration;

  @GuardedBy("this") private @Nullable Future<?> loopEnd;

  @GuardedBy("this") private boolean started;

  /// Takes ownership of the listening descriptor.
  ///
  /// @param beforeClose runs once, before the descriptor is closed
  public StreamListener(int fd, Address address, Runnable beforeClose) {
    this.socket = new SocketHandle(fd);
    this.address = address;
    this.beforeClose = beforeClose;
    this.trouble = new AcceptTrouble(log, address);
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public int descriptor() {
    return socket.intValue();
  }

  @Override
  public synchronized void start(IoEventLoop loop, Transport.AcceptHandler handler) {
    if (started) {
      throw new IllegalStateException(address + " accepts already");
    }
    started = true;
    loop.execute(() -> register(loop, new AcceptLoop(loop, handler)));
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      beforeClose.run();
      deregister();
    } finally {
      socket.close();
    }
  }

  private synchronized void deregister() {
    if (registration == null) {
      return;
    }
    try {
      registration.cancel();
      if (loopEnd != null) {
        loopEnd.cancel(false);
      }
    } catch (RejectedExecutionException e) {
      // The loop has ended, and its epoll with it.
    }
  }

  private synchronized void register(IoEventLoop loop, AcceptLoop acceptLoop) {
    if (closed) {
      return;
    }
    Future<IoRegistration> registered = loop.register(acceptLoop);
    if (registered.isSuccess()) {
      registration = registered.getNow();
      loopEnd = LoopEnd.watch(loop, this::close);
      watch(EpollIoOps.EPOLLIN);
    } else {
      log.error("listen on {}: the event loop refused the socket", address, registered.cause());
    }
  }

  /// Closed sockets are not watched: Netty would throw, and then its loop sleeps for a second.
  private synchronized void watch(EpollIoOps ops) {
    if (!closed && registration != null) {
      registration.submit(ops);
    }
  }

  private synchronized int accept() {
    return closed ? -Errno.EBADF : Sockets.accept(socket.intValue());
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /// What Netty calls; lives on the loop.
  private final class AcceptLoop implements EpollIoHandle {
    private final IoEventLoop loop;
    private final Transport.AcceptHandler handler;

    AcceptLoop(IoEventLoop loop, Transport.AcceptHandler handler) {
      this.loop = loop;
      this.handler = handler;
    }

    @Override
    public FileDescriptor fd() {
      return socket;
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
      if (!acceptBatch()) {
        watch(EpollIoOps.NONE);
        resumeLater();
      }
    }

    /// The loop shuts down.
    @Override
    public void close() {
      StreamListener.this.close();
    }

    /// False when accepting must pause.
    private boolean acceptBatch() {
      for (int i = 0; i < BATCH; i++) {
        int fd = accept();
        if (fd >= 0) {
          deliver(fd);
        } else if (fd == -Errno.EAGAIN) {
          if (trouble.failing()) {
            trouble.over(System.nanoTime());
          }
          return true;
        } else if (fd != -Errno.ECONNABORTED && fd != -Errno.EINTR) {
          return isClosed() || failed(-fd);
        }
      }
      return true;
    }

    /// Whatever the error is, another try at once would meet it again, and epoll reports the
    /// waiting connection for ever: accept4 wants a descriptor before it looks at its queue.
    private boolean failed(int errno) {
      trouble.failed(errno, System.nanoTime());
      return false;
    }

    private void resumeLater() {
      var _ = loop.schedule(this::resume, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void resume() {
      if (acceptBatch()) {
        watch(EpollIoOps.EPOLLIN);
      } else {
        resumeLater();
      }
    }

    private void deliver(int fd) {
      try {
        handler.accepted(new Endpoint(address.family(), fd));
      } catch (RuntimeException e) {
        log.error("accept on {}: the handler failed", address, e);
      }
    }
  }
}
