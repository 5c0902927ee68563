package dev.fid.splice;

import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import dev.fid.os.TcpHold;
import dev.fid.splice.SpliceStats.Outcome;
import io.netty.channel.epoll.EpollIoOps;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One endpoint of a splice: a stream.
final class StreamLeg extends Leg {
  private static final Logger LOG = LoggerFactory.getLogger(StreamLeg.class);

  private final Splice splice;
  private boolean raised;
  private boolean gone;
  private boolean held;
  private long cookie;

  StreamLeg(Splice splice, Custody custody) {
    super(splice, custody);
    this.splice = splice;
  }

  Endpoint endpoint() {
    return endpoint;
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

  boolean isVsock() {
    return endpoint.family() == Family.VSOCK;
  }

  @Override
  void happened(EpollIoOps events) {
    boolean ended = events.contains(EpollIoOps.EPOLLRDHUP) || events.contains(HUP);
    gone |= endpoint.family() == Family.UNIX_STREAM && events.contains(HUP);
    if (events.contains(EpollIoOps.EPOLLERR)) {
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
    if (events.contains(EpollIoOps.EPOLLIN)) {
      splice.laneFrom(this).move();
    }
    if (events.contains(EpollIoOps.EPOLLOUT)) {
      splice.laneTo(this).move();
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

  /// Keeps the kernel from receiving on this TCP socket until the end of the splice.
  void hold() throws OsException {
    TcpHold.hold(endpoint.fd());
    held = true;
  }

  /// Whether a UNIX or vsock peer has closed, so that nothing can be delivered to it any more.
  boolean isGone() {
    return gone;
  }

  @Override
  void end(Outcome outcome, List<ByteBuffer> unread) {
    if (held) {
      TcpHold.release(endpoint.fd());
    }
    super.end(outcome, unread);
  }
}
