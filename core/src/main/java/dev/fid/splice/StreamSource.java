package dev.fid.splice;

import dev.fid.os.Errno;
import dev.fid.os.Sockets;
import java.util.concurrent.TimeUnit;

/// What a session's lane must know of a source that is a stream: how the kernel stops it, how it
/// comes back, and how it ends.
///
/// The parser of a TCP source stops at the boundary of a message when the target does not keep up
/// or has failed, or when a message is not for it. What follows stays in the receive queue, and the
/// window closes. The source then leaves its map, and comes back when the target has room, or when
/// user space has cut that message. A UNIX source is held back by its sender's send buffer, and a
/// vsock one by being taken out ([VsockSource]). Belongs to its lane.
final class StreamSource {
  /// What a receive queue must hold beyond doubt, bytes: a parser that waits for the rest of a
  /// message does not read meanwhile (strp_data_ready).
  private static final int RECEIVE_BYTES = 1 << 20;

  /// The longest message that the kernel cuts, bytes.
  private static final int LONGEST_WAIT = 64 << 10;

  /// The most datagrams out of a parser that wait for their target: each may hold, beside its own
  /// bytes, all that is in front of it in its skb.
  static final int MOST_WAITING = 128;

  /// By how much the memory of small skbs may exceed their bytes.
  private static final int OVERHEAD = 16;

  private final DatagramLane lane;
  private final DatagramLeg source;
  private final StreamCutter cutter;
  private boolean eof;

  StreamSource(DatagramLane lane, Framing framing) {
    this.lane = lane;
    this.source = lane.source;
    this.cutter = new StreamCutter(lane, this, framing, lane.session().loop().datagram());
  }

  StreamCutter cutter() {
    return cutter;
  }

  /// Whether the kernel has a stream parser for it.
  boolean isParsed() {
    return source.family() == Family.TCP;
  }

  /// Whether it may be enrolled though it never runs dry. A vsock one may not: an skb of which a
  /// part was read would be redirected whole.
  boolean mayLag() {
    return source.family() != Family.VSOCK;
  }

  /// A vsock socket in a map says EAGAIN at its end (vsock_bpf_recvmsg).
  boolean saysEagainAtItsEnd() {
    return eof && source.family() == Family.VSOCK;
  }

  boolean hasEnded() {
    return eof;
  }

  /// The longest message for whose end the parser waits; makes the receive buffer large enough
  /// (tcp_set_rcvlowat).
  int waits() {
    if (!isParsed()) {
      return 0;
    }
    Sockets.setReceiveLowWater(source.descriptor(), RECEIVE_BYTES);
    kick();
    int buffer = Sockets.receiveBuffer(source.descriptor());
    return Math.clamp(Math.min(buffer / OVERHEAD, lane.longest()), 1, LONGEST_WAIT);
  }

  /// Takes the socket's lock, and makes the parser look at what is queued.
  void kick() {
    Sockets.setReceiveLowWater(source.descriptor(), 1);
  }

  /// The program has stopped the source, or asks for that.
  void stopped() {
    if (isParsed()) {
      lane.become(LaneState.PAUSED);
      leave();
    } else {
      lane.lag().recover();
    }
  }

  /// Takes the source out of its map. It comes back as a new parser in the same place
  /// (sk_psock_init_strp), so nothing of the old one may be under way: it is not queued to run, and
  /// does not hold the socket's lock.
  private void leave() {
    if (lane.state() != LaneState.PAUSED) {
      return;
    }
    if (lane.enrolment().state().pending()) {
      soon(this::leave);
      return;
    }
    kick();
    lane.enrolment().evictSource();
    int error = source.takeError();
    if (error != 0 && error != Errno.EAGAIN && !source.failed(error)) {
      return;
    }
    long expected = lane.enrolment().slot().expected();
    if (expected >= 0) {
      cutter.resume(expected);
    }
    comeBack();
  }

  /// Nothing that user space sends may overtake what waits for the target.
  private void comeBack() {
    if (lane.state() != LaneState.PAUSED) {
      return;
    }
    int backlog = lane.enrolment().state().backlog();
    boolean direct = lane.mayEnrol() && cutter.isAtBoundary();
    if (backlog > (direct ? lane.enrolment().limit() / 2 : 0)) {
      soon(this::comeBack);
    } else if (backlog < 0 || !direct) {
      if (backlog < 0) {
        lane.pause(true);
      }
      lane.relay();
    } else {
      lane.enrol();
    }
  }

  private void soon(Runnable task) {
    lane.session().loop().later(task, 1, TimeUnit.MILLISECONDS);
  }

  /// The peer has sent its last byte.
  void ended() {
    if (eof) {
      return;
    }
    eof = true;
    switch (lane.state()) {
      case RELAY -> lane.move();
      case KERNEL -> endInKernel();
      case PUMP, PAUSED, RECOVERING, DRAINING, LEAVING, ENDED -> {}
    }
  }

  private void endInKernel() {
    if (lane.state() != LaneState.KERNEL) {
      return;
    }
    if (!isParsed()) {
      if (source.queued() > 0) {
        lane.lag().recover();
      } else {
        drain();
      }
      return;
    }
    DatagramMaps.State kernel = lane.enrolment().state();
    // The FIN counts as one.
    if (kernel.pending() || kernel.unread() > 1) {
      kick();
      soon(this::endInKernel);
    } else {
      drain();
    }
  }

  private void drain() {
    lane.become(LaneState.DRAINING);
    drained();
  }

  private void drained() {
    if (lane.state() != LaneState.DRAINING) {
      return;
    }
    if (lane.enrolment().state().backlog() > 0) {
      soon(this::drained);
    } else {
      lane.ended();
    }
  }
}
