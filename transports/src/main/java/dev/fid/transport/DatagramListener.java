package dev.fid.transport;

import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.Transport;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Receives what senders that have no session send to a bound datagram socket, on one loop.
///
/// ```
///   BOUND --- start ---> RECEIVING --- close ---> CLOSED
/// ```
public abstract class DatagramListener implements Transport.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(DatagramListener.class);

  /// Datagrams for an event, before others get their turn.
  private static final int BATCH = 64;

  private static final int LONGEST = 1 << 18;

  private final SocketHandle socket;
  private final Address address;
  private @Nullable IoRegistration registration;
  private @Nullable Future<?> loopEnd;
  private @Nullable IoEventLoop loop;
  private boolean closed;
  private boolean receiving = true;
  private long dropped;
  private long undelivered;

  /// Takes ownership of the descriptor.
  protected DatagramListener(int fd, Address address) {
    this.socket = new SocketHandle(fd);
    this.address = address;
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public final int descriptor() {
    return socket.intValue();
  }

  @Override
  public final synchronized long dropped() {
    if (!closed) {
      dropped = Math.max(dropped, Sockets.drops(descriptor()));
    }
    return dropped + undelivered;
  }

  /// A datagram was received, and could not be given to a session.
  protected final synchronized void undelivered() {
    undelivered++;
  }

  /// Receives, with as much about it as [#received] wants to know.
  protected long receive(Datagram datagram, int fd) {
    return datagram.receive(fd);
  }

  /// What the listener's socket has received; on its loop. The datagram is valid during the call.
  protected abstract void received(Datagram datagram, Transport.AcceptHandler handler);

  /// Leaves what comes to somebody else, from this datagram on; on the listener's loop.
  protected final synchronized void pause() {
    if (receiving && !closed && registration != null) {
      receiving = false;
      registration.submit(EpollIoOps.NONE);
    }
  }

  /// Receives again. From any thread.
  protected final void resume() {
    execute(() -> {
      synchronized (this) {
        if (!receiving && !closed && registration != null) {
          receiving = true;
          registration.submit(EpollIoOps.EPOLLIN);
        }
      }
    });
  }

  /// Has the listener's loop watch another socket for input; on that loop.
  protected final synchronized void watch(EpollIoHandle handle) {
    IoEventLoop on = loop;
    if (on == null) {
      throw new IllegalStateException(address + " receives nothing yet");
    }
    Future<IoRegistration> registered = on.register(handle);
    if (registered.isSuccess()) {
      registered.getNow().submit(EpollIoOps.EPOLLIN);
    } else {
      LOG.error("listen on {}: the event loop refused a socket", address, registered.cause());
    }
  }

  /// On the listener's loop, soon; not at all once it is closed.
  protected final synchronized void execute(Runnable task) {
    IoEventLoop on = loop;
    if (!closed && on != null) {
      on.execute(task);
    }
  }

  /// Runs once, before the descriptor is closed.
  protected void beforeClose() {}

  @Override
  public final synchronized void start(IoEventLoop on, Transport.AcceptHandler handler) {
    if (loop != null) {
      throw new IllegalStateException(address + " receives already");
    }
    loop = on;
    on.execute(() -> register(on, handler));
  }

  private synchronized void register(IoEventLoop on, Transport.AcceptHandler handler) {
    if (closed) {
      return;
    }
    Future<IoRegistration> registered = on.register(new Receiving(handler));
    if (registered.isSuccess()) {
      registration = registered.getNow();
      loopEnd = LoopEnd.watch(on, this::close);
      registration.submit(EpollIoOps.EPOLLIN);
    } else {
      LOG.error("listen on {}: the event loop refused the socket", address, registered.cause());
    }
  }

  @Override
  public final synchronized void close() {
    if (closed) {
      return;
    }
    dropped();
    closed = true;
    try {
      beforeClose();
      if (registration != null) {
        registration.cancel();
      }
      if (loopEnd != null) {
        loopEnd.cancel(false);
      }
    } catch (RejectedExecutionException e) {
      // The loop has ended, and its epoll with it.
    } finally {
      socket.close();
    }
  }

  private synchronized long receive(Datagram datagram) {
    return closed || !receiving ? -Errno.EAGAIN : receive(datagram, descriptor());
  }

  /// What Netty calls; lives on the loop.
  private final class Receiving implements EpollIoHandle {
    private final Transport.AcceptHandler handler;
    private final Datagram datagram = new Datagram(LONGEST);

    Receiving(Transport.AcceptHandler handler) {
      this.handler = Objects.requireNonNull(handler);
    }

    @Override
    public FileDescriptor fd() {
      return socket;
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
      for (int i = 0; i < BATCH; i++) {
        long length = receive(datagram);
        if (length == -Errno.EAGAIN) {
          return;
        }
        if (length > datagram.payload().byteSize()) {
          undelivered();
        } else if (length >= 0) {
          deliver();
        }
      }
    }

    private void deliver() {
      try {
        received(datagram, handler);
      } catch (RuntimeException e) {
        LOG.error("listen on {}: the handler failed", address, e);
      }
    }

    /// The loop shuts down.
    @Override
    public void close() {
      DatagramListener.this.close();
    }

    /// The listener was closed, or its loop shuts down.
    @Override
    public void unregistered() {
      datagram.close();
    }
  }
}
