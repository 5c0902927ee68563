package dev.fid.splice;

import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One of the two sockets that are joined, on its loop: what it is asked to watch, and how it is
/// let go.
///
/// Owns the descriptor, as its custody says. Edge triggered: an event says that something changed,
/// and whoever takes it goes on until EAGAIN.
abstract sealed class Leg implements EpollIoHandle permits StreamLeg, DatagramLeg {
  private static final Logger LOG = LoggerFactory.getLogger(Leg.class);
  private static final EpollIoOps QUIET =
      EpollIoOps.EPOLLRDHUP.with(EpollIoOps.EPOLLERR).with(EpollIoOps.EPOLLET);
  private static final EpollIoOps IN = QUIET.with(EpollIoOps.EPOLLIN);
  private static final EpollIoOps OUT = QUIET.with(EpollIoOps.EPOLLOUT);
  private static final EpollIoOps BOTH = IN.with(EpollIoOps.EPOLLOUT);

  /// EPOLLHUP, which Netty has no name for.
  static final EpollIoOps HUP = EpollIoOps.valueOf(0x10);

  private final Joined joined;
  private final Custody custody;
  final Endpoint endpoint;
  private final FileDescriptor descriptor;
  private @Nullable IoRegistration registration;
  private EpollIoOps interest = EpollIoOps.EPOLLERR;

  Leg(Joined joined, Custody custody) {
    this.joined = joined;
    this.custody = custody;
    this.endpoint = custody.endpoint();
    this.descriptor = new FileDescriptor(endpoint.fd());
  }

  final Custody custody() {
    return custody;
  }

  @Override
  public final FileDescriptor fd() {
    return descriptor;
  }

  final int descriptor() {
    return endpoint.fd();
  }

  void register() throws IOException {
    registration = joined.loop().register(this);
  }

  final boolean isRegistered() {
    return registration != null;
  }

  /// Asks for input, output or neither; the end and errors are always watched.
  final void watch(boolean input, boolean output) {
    EpollIoOps wanted = input ? (output ? BOTH : IN) : (output ? OUT : QUIET);
    IoRegistration present = registration;
    if (present != null && !wanted.equals(interest)) {
      interest = wanted;
      present.submit(wanted);
    }
  }

  @Override
  public final void handle(IoRegistration ignored, IoEvent event) {
    try {
      happened(((EpollIoEvent) event).ops());
    } catch (RuntimeException e) {
      // Thrown on, it would put the whole loop to sleep for a second.
      LOG.error("{}: internal error", this, e);
      joined.abort("internal error: " + e);
    }
  }

  /// These events came.
  abstract void happened(EpollIoOps events);

  /// Tells the peer of a connection that nothing more will come. One that has gone needs no
  /// telling.
  final void shutdownWrite() {
    Sockets.shutdownWrite(endpoint.fd());
  }

  /// Whether closing takes nothing from the peer: it has acknowledged all that it was sent, or has
  /// itself ended.
  ///
  /// close(2) with bytes unread, or that come later, resets a TCP connection (tcp_close,
  /// tcp_rcv_state_process), and with that goes what was sent. So what still comes is thrown away.
  final boolean isSettled() {
    return endpoint.family() != Family.TCP
        || custody instanceof Custody.Lent
        || joined.loop().pump().discard(endpoint.fd())
        || Sockets.unacknowledged(endpoint.fd()) <= 0;
  }

  /// Leaves the loop, and lets go of the socket as its custody says. A datagram socket that is lent
  /// is of use again, however it ended: there is no connection that could be.
  void end(Outcome outcome, List<ByteBuffer> unread) {
    if (outcome instanceof Outcome.Aborted && endpoint.family() == Family.TCP) {
      Sockets.setNoLinger(endpoint.fd());
    }
    switch (custody) {
      case Custody.Given _ when outcome instanceof Outcome.Undone -> leaveLoop();
      case Custody.Given _ -> closeOwn();
      case Custody.Lent lent -> {
        if (outcome instanceof Outcome.Completed && !endpoint.family().isDatagram()) {
          shutdownWrite();
        }
        // Before the duplicate is closed: the application's descriptor keeps the socket in epoll.
        leaveLoop();
        giveBack(lent, new Custody.Returned(unread, outcome));
      }
    }
  }

  private void giveBack(Custody.Lent lent, Custody.Returned how) {
    try {
      lent.end(how);
    } catch (RuntimeException e) {
      LOG.error("{}: its lender failed", this, e);
    }
  }

  private void leaveLoop() {
    if (registration != null) {
      registration.cancel();
    }
  }

  private void closeOwn() {
    try {
      descriptor.close();
    } catch (IOException e) {
      LOG.warn("close {}: {}", this, e.getMessage());
    } finally {
      leaveLoop();
    }
  }

  /// The loop shuts down.
  @Override
  public final void close() {
    joined.abort("the event loop was shut down");
  }

  @Override
  public final String toString() {
    return endpoint.family().scheme() + " fd " + endpoint.fd();
  }
}
