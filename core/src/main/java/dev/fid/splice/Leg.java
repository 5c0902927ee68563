package dev.fid.splice;

import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import dev.fid.os.TcpHold;
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

/// One endpoint of a splice on its loop: what it is asked to watch, and what happens on it.
///
/// Owns the descriptor. Edge triggered: an event says that something changed, and whoever takes it
/// goes on until EAGAIN.
final class Leg implements EpollIoHandle {
  private static final Logger LOG = LoggerFactory.getLogger(Leg.class);
  private static final EpollIoOps QUIET =
      EpollIoOps.EPOLLRDHUP.with(EpollIoOps.EPOLLERR).with(EpollIoOps.EPOLLET);
  private static final EpollIoOps IN = QUIET.with(EpollIoOps.EPOLLIN);
  private static final EpollIoOps OUT = QUIET.with(EpollIoOps.EPOLLOUT);
  private static final EpollIoOps BOTH = IN.with(EpollIoOps.EPOLLOUT);
  private static final EpollIoOps HUP = EpollIoOps.valueOf(0x10);

  private final Splice splice;
  private final Custody custody;
  private final Endpoint endpoint;
  private final FileDescriptor descriptor;
  private @Nullable IoRegistration registration;
  private EpollIoOps interest = EpollIoOps.EPOLLERR;
  private boolean raised;
  private boolean gone;
  private boolean held;
  private long cookie;

  Leg(Splice splice, Custody custody) {
    this.splice = splice;
    this.custody = custody;
    this.endpoint = custody.endpoint();
    this.descriptor = new FileDescriptor(endpoint.fd());
  }

  Custody custody() {
    return custody;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public FileDescriptor fd() {
    return descriptor;
  }

  int descriptor() {
    return endpoint.fd();
  }

  /// Whether the gate pushes back from here. It need not for a UNIX socket, whose skbs stay charged
  /// to their sender, and cannot for vsock ([VsockSource]).
  boolean isGated() {
    return (laneFlags() & LaneLayout.FLAG_UNGATED) == 0;
  }

  /// What the verdict program must know of this source.
  int laneFlags() {
    return switch (endpoint.family()) {
      case TCP -> LaneLayout.FLAG_TCP;
      case UNIX_STREAM -> LaneLayout.FLAG_UNGATED;
      case VSOCK -> LaneLayout.FLAG_UNGATED | LaneLayout.FLAG_TELLS;
      case UDP, UNIX_DATAGRAM, UNIX_SEQPACKET -> 0;
    };
  }

  long cookie() {
    if (cookie == 0) {
      try {
        cookie = Sockets.cookie(endpoint.fd());
      } catch (OsException e) {
        throw new IllegalStateException(e);
      }
    }
    return cookie;
  }

  /// Runs the verdict over everything that is queued, and returns after it (tcp_set_rcvlowat takes
  /// the socket's lock and calls its data-ready).
  void kick() {
    Sockets.setReceiveLowWater(endpoint.fd(), 1);
  }

  /// Takes the source out of its map, and calls `then`, now or later, when no verdict is under way.
  void evict(Gate gate, Runnable then) {
    SpliceLoop loop = splice.loop();
    if (isVsock()) {
      VsockSource.evict(() -> loop.maps().evictSource(gate), endpoint.fd());
      then.run();
    } else {
      loop.maps().evictSource(gate);
      loop.afterVerdicts(then, splice::abort);
    }
  }

  /// The backlog worker stops at half the send buffer and looks again a jiffy later, so a small one
  /// is slow. The kernel takes half of its buffers for payload, and doubles what it is asked for.
  void raiseSendBuffer(int bytes) {
    if (!raised) {
      raised = true;
      sendBuffer(bytes);
    }
  }

  void sendBuffer(int bytes) {
    try {
      Sockets.SendBuffer buffer = Sockets.setSendBuffer(endpoint.fd(), bytes / 2);
      if (!buffer.forced()) {
        splice.loop().sendBufferCapped(2 * buffer.bytes());
      }
    } catch (OsException e) {
      LOG.debug("{}: {}", this, e.getMessage()); // whoever uses it next says that it is broken
    }
  }

  void register() throws IOException {
    registration = splice.loop().register(this);
  }

  boolean isVsock() {
    return endpoint.family() == Family.VSOCK;
  }

  /// Asks for input, output or neither; the end and errors are always watched.
  void watch(boolean input, boolean output) {
    EpollIoOps wanted = input ? (output ? BOTH : IN) : (output ? OUT : QUIET);
    IoRegistration present = registration;
    if (present != null && !wanted.equals(interest)) {
      interest = wanted;
      present.submit(wanted);
    }
  }

  @Override
  public void handle(IoRegistration ignored, IoEvent event) {
    EpollIoOps ops = ((EpollIoEvent) event).ops();
    boolean ended = ops.contains(EpollIoOps.EPOLLRDHUP) || ops.contains(HUP);
    gone |= endpoint.family() == Family.UNIX_STREAM && ops.contains(HUP);
    try {
      if (ops.contains(EpollIoOps.EPOLLERR)) {
        int error = Sockets.error(endpoint.fd());
        if (error > 0) {
          failed(error);
        }
      }
      // After the error was asked for: sending takes it away (sk_stream_error).
      gone |= isVsock() && ended && VsockSource.isGone(endpoint.fd());
      if (ended) {
        splice.laneFrom(this).sourceEnded();
      }
      if (ops.contains(EpollIoOps.EPOLLIN)) {
        splice.laneFrom(this).move();
      }
      if (ops.contains(EpollIoOps.EPOLLOUT)) {
        splice.laneTo(this).move();
      }
    } catch (RuntimeException e) {
      // Thrown on, it would put the whole loop to sleep for a second.
      LOG.error("{}: internal error", this, e);
      splice.abort("internal error: " + e);
    }
  }

  /// The socket has an error. A UNIX peer that closed with bytes unread (ECONNRESET), or a vsock
  /// peer that closed with bytes on their way to it (EPIPE), may have sent its last ones before:
  /// they are delivered, then the end.
  void failed(int error) {
    boolean closed =
        switch (endpoint.family()) {
          case UNIX_STREAM -> error == Errno.ECONNRESET;
          case VSOCK -> error == Errno.EPIPE;
          case TCP, UDP, UNIX_DATAGRAM, UNIX_SEQPACKET -> false;
        };
    if (closed) {
      gone |= isVsock();
      splice.laneFrom(this).sourceEnded();
    } else {
      splice.abort(this + ": " + Errno.name(error) + " (" + Errno.text(error) + ")");
    }
  }

  /// Bytes that wait to be read (SIOCINQ), or -errno; of vsock just whether there are any.
  int queued() {
    return isVsock() ? VsockSource.queued(endpoint.fd()) : Sockets.queued(endpoint.fd());
  }

  /// Skbs that the kernel has dropped on this socket (SK_MEMINFO_DROPS), or -errno.
  long drops() {
    return Sockets.drops(endpoint.fd());
  }

  /// Tells the peer that nothing more will come. A peer that has gone needs no telling.
  void shutdownWrite() {
    Sockets.shutdownWrite(endpoint.fd());
  }

  /// Whether closing takes nothing from the peer: it has acknowledged all that it was sent, or has
  /// itself ended.
  ///
  /// close(2) with bytes unread, or that come later, resets a TCP connection (tcp_close,
  /// tcp_rcv_state_process), and with that goes what was sent. So what still comes is thrown away.
  boolean isSettled() {
    return endpoint.family() != Family.TCP
        || custody instanceof Custody.Lent
        || splice.loop().pump().discard(endpoint.fd())
        || Sockets.unacknowledged(endpoint.fd()) <= 0;
  }

  /// Keeps the kernel from receiving on this TCP socket until the end of the splice.
  void hold() throws OsException {
    TcpHold.hold(endpoint.fd());
    held = true;
  }

  /// Whether a UNIX or vsock peer has closed, so that nothing can be delivered to it any more.
  boolean isGone() {
    return gone;
  }

  /// Leaves the loop, and lets go of the socket as its custody says.
  void end(Outcome outcome, List<ByteBuffer> unread) {
    if (outcome instanceof Outcome.Aborted && endpoint.family() == Family.TCP) {
      Sockets.setNoLinger(endpoint.fd());
    }
    if (held) {
      TcpHold.release(endpoint.fd());
    }
    switch (custody) {
      case Custody.Given _ when outcome instanceof Outcome.Undone -> leaveLoop();
      case Custody.Given _ -> closeOwn();
      case Custody.Lent lent -> {
        if (outcome instanceof Outcome.Completed) {
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
  public void close() {
    splice.abort("the event loop was shut down");
  }

  @Override
  public String toString() {
    return endpoint.family().scheme() + " fd " + endpoint.fd();
  }
}
