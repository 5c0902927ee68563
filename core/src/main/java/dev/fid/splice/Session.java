package dev.fid.splice;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Two endpoints joined, of which at least one is of messages, in both directions.
///
/// ```
///   LIVE --- idle for too long, the stream ended, the UNIX receiver has gone ---> COMPLETED
///     +----- an error of the stream, close() ------------------------------------> ABORTED
///     +----- unsplice(), and both sockets are quiet -----------------------------> UNDONE
/// ```
///
/// Where both are connections (SEQPACKET, and a stream at most) it ends as a [Splice] does: it is
/// COMPLETED when both lanes have ended, and ABORTED when it was idle.
///
/// Runs on its loop; a [SpliceHandle] for others.
final class Session extends Joined implements SessionHandle {
  /// How often to look for what the kernel does not announce, at least.
  private static final long LONGEST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final DatagramLeg first;
  private final DatagramLeg second;
  private final DatagramLane upstream;
  private final DatagramLane downstream;
  private long noTarget;
  private boolean peerGone;
  private boolean finishing;

  Session(
      SpliceLoop loop,
      Custody a,
      Custody b,
      SpliceOptions options,
      LanePlan upstreamPlan,
      LanePlan downstreamPlan) {
    super(loop, options);
    first = new DatagramLeg(this, a);
    second = new DatagramLeg(this, b);
    upstream = new DatagramLane(this, first, second, upstreamPlan);
    downstream = new DatagramLane(this, second, first, downstreamPlan);
  }

  @Override
  void begin() {
    upstream.start();
    if (isLive()) {
      downstream.start();
    }
    updateInterest();
    if (!isConnected() || options().idleTimeout().isPositive()) {
      lookLater();
    }
  }

  @Override
  DatagramLeg first() {
    return first;
  }

  @Override
  DatagramLeg second() {
    return second;
  }

  /// How messages stand in the stream, where one of the two is a stream.
  Framing framing() {
    return Objects.requireNonNullElse(options().framing(), Framing.NONE);
  }

  DatagramLane upstream() {
    return upstream;
  }

  DatagramLane downstream() {
    return downstream;
  }

  DatagramLane laneFrom(DatagramLeg leg) {
    return leg == first ? upstream : downstream;
  }

  DatagramLane laneTo(DatagramLeg leg) {
    return leg == first ? downstream : upstream;
  }

  /// Whether both sides are connections, which end, each direction by itself.
  boolean isConnected() {
    return !first.isDatagram() && !second.isDatagram();
  }

  /// Asks the loop for just the events that the lanes can use now.
  void updateInterest() {
    if (isLive()) {
      first.watch(upstream.wantsInput(), downstream.wantsOutput());
      second.watch(downstream.wantsInput(), upstream.wantsOutput());
    }
  }

  /// A UDP socket heard that nobody receives at the other end.
  void unreachable(DatagramLeg leg) {
    laneTo(leg).counters().unreachable();
    laneTo(leg).pause(true);
    laneFrom(leg).pause(false);
  }

  /// A connection's peer has sent its last byte, or has gone.
  void streamEnded(DatagramLeg leg, boolean gone) {
    peerGone |= gone;
    DatagramLane lane = laneFrom(leg);
    if (gone && isConnected()) {
      laneTo(leg).cut();
    }
    if (lane.state() != LaneState.ENDED) {
      lane.sourceEnded();
    } else if (isConnected()) {
      finishIfEnded();
    } else {
      laneEnded(lane);
    }
  }

  /// Nobody receives at the other end of a UNIX datagram socket any more.
  void receiverGone() {
    if (!isBeingUndone()) {
      completed();
    }
  }

  /// Every message of a connection is in its target's socket.
  void laneEnded(DatagramLane lane) {
    if (isBeingUndone()) {
      return;
    }
    if (isConnected()) {
      connectionEnded(lane, laneFrom(lane.target));
    } else if (peerGone || options().halfClose() == HalfClose.END) {
      completed();
    }
  }

  private void connectionEnded(DatagramLane lane, DatagramLane other) {
    if (options().halfClose() == HalfClose.END) {
      other.cut();
    }
    if (other.state() != LaneState.ENDED) {
      lane.target.shutdownWrite();
    }
    finishIfEnded();
  }

  private void finishIfEnded() {
    boolean ended = upstream.state() == LaneState.ENDED && downstream.state() == LaneState.ENDED;
    if (ended && !finishing) {
      finishing = true;
      finish();
    }
  }

  /// Both lanes have ended: closes once that takes nothing from a peer.
  private void finish() {
    if (first.isSettled() && second.isSettled()) {
      completed();
    } else if (isLive()) {
      loop().retry(this::finish);
    }
  }

  @Override
  void release() {
    upstream.account();
    downstream.account();
    upstream.release();
    downstream.release();
  }

  private void lookLater() {
    long idle = options().idleTimeout().toNanos();
    long left = idle == 0 ? Long.MAX_VALUE : idle - (System.nanoTime() - lastNanos());
    loop().later(this::look, Math.clamp(left, 1, LONGEST_LOOK_NANOS), TimeUnit.NANOSECONDS);
  }

  /// Ends a session that is idle. An error that nobody was told of may have stopped a target's
  /// worker (another datagram takes it off the socket: `__skb_recv_udp`): drops for want of a
  /// target show that; and where they cannot come, since a UNIX sender is held back by what waits
  /// for the target, the kernel is asked.
  private void look() {
    if (!isLive()) {
      return;
    }
    long idle = options().idleTimeout().toNanos();
    if (!isBeingUndone() && idle != 0 && System.nanoTime() - lastNanos() >= idle) {
      if (isConnected()) {
        abort("idle for " + options().idleTimeout());
      } else {
        completed();
      }
      return;
    }
    long noTargetNow = upstream.stats().noTargetSkbs() + downstream.stats().noTargetSkbs();
    boolean stuck = upstream.enrolment().isStuck() || downstream.enrolment().isStuck();
    if (stuck || noTargetNow != noTarget) {
      noTarget = noTargetNow;
      upstream.pause(true);
      downstream.pause(true);
    }
    lookLater();
  }

  @Override
  public long lastNanos() {
    long up = upstream.lastNanos();
    long down = downstream.lastNanos();
    return up - down > 0 ? up : down;
  }

  @Override
  public SpliceStats stats() {
    return new SpliceStats(upstream.stats(), downstream.stats(), outcome());
  }

  @Override
  Undoing undoing() throws IOException {
    if (first.isShared() || second.isShared()) {
      throw new IOException("unsplice: its socket is its pipe's, and others use it: close it");
    }
    if (upstream.isCutInKernel() || downstream.isCutInKernel()) {
      throw new IOException(
          "unsplice: the kernel cuts the stream into datagrams, and may have a part of one:"
              + " close it, or splice sockets that are lent (Party.descriptor)");
    }
    return new SessionUnsplice(this);
  }

  @Override
  public String toString() {
    return upstream.toString();
  }

  @Override
  public void evict() {
    loop().execute(this::completed);
  }
}
