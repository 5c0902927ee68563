package dev.fid.splice;

import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
final class Session implements Joined, SessionHandle {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final Outcome LIVE = new Outcome.Live();
  private static final Outcome COMPLETED = new Outcome.Completed();
  private static final Outcome UNDONE = new Outcome.Undone();

  /// How often to look for what the kernel does not announce, at least.
  private static final long LONGEST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final SpliceLoop loop;
  private final SpliceOptions options;
  private final DatagramLeg first;
  private final DatagramLeg second;
  private final DatagramLane upstream;
  private final DatagramLane downstream;
  private final CompletableFuture<SpliceStats> closed = new CompletableFuture<>();
  private final CompletableFuture<Unspliced> undone = new CompletableFuture<>();
  private volatile Outcome outcome = LIVE;
  private @Nullable SessionUnsplice unsplice;
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
    this.loop = loop;
    this.options = options;
    first = new DatagramLeg(this, a);
    second = new DatagramLeg(this, b);
    upstream = new DatagramLane(this, first, second, upstreamPlan);
    downstream = new DatagramLane(this, second, first, downstreamPlan);
  }

  @Override
  public void start() {
    if (!isLive()) {
      return;
    }
    loop.remember(this);
    if (options.ancillary() == Ancillary.RELAY) {
      Sockets.setPassCredentials(first.descriptor(), true);
      Sockets.setPassCredentials(second.descriptor(), true);
    }
    try {
      first.register();
      second.register();
      upstream.start();
      if (isLive()) {
        downstream.start();
      }
      updateInterest();
      if (!isConnected() || options.idleTimeout().isPositive()) {
        lookLater();
      }
    } catch (IOException | RuntimeException e) {
      abort("start: " + e.getMessage());
    }
  }

  SpliceLoop loop() {
    return loop;
  }

  SpliceOptions options() {
    return options;
  }

  /// How messages stand in the stream, where one of the two is a stream.
  Framing framing() {
    return Objects.requireNonNullElse(options.framing(), Framing.NONE);
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

  boolean isLive() {
    return outcome instanceof Outcome.Live;
  }

  /// Asks the loop for just the events that the lanes can use now.
  void updateInterest() {
    if (isLive()) {
      first.watch(upstream.wantsInput(), downstream.wantsOutput());
      second.watch(downstream.wantsInput(), upstream.wantsOutput());
    }
  }

  /// The kernel would not take this lane's sockets.
  void relayed(DatagramLane lane, String reason, boolean allowed) {
    LOG.debug("{}: relayed: {}", lane, reason);
    if (!allowed && options.onUnsupported() == OnUnsupported.REFUSE) {
      abort(lane + ": " + reason + ", and on_unsupported is refuse");
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
    if (unsplice == null) {
      complete();
    }
  }

  /// Every message of a connection is in its target's socket.
  void laneEnded(DatagramLane lane) {
    if (unsplice != null) {
      return;
    }
    if (isConnected()) {
      connectionEnded(lane, laneFrom(lane.target));
    } else if (peerGone || options.halfClose() == HalfClose.END) {
      complete();
    }
  }

  private void connectionEnded(DatagramLane lane, DatagramLane other) {
    if (options.halfClose() == HalfClose.END) {
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
      complete();
    } else if (isLive()) {
      loop.retry(this::finish);
    }
  }

  /// Ends the session: there is nothing more to come.
  void complete() {
    if (isLive()) {
      close(COMPLETED);
    }
  }

  /// Both sockets have left their maps, and what was on its way is where it belongs.
  void undone() {
    if (isLive()) {
      close(UNDONE);
    }
  }

  /// Whether a socket may still be open when the session has ended.
  boolean outlived() {
    return outcome.equals(UNDONE)
        || first.custody() instanceof Custody.Lent
        || second.custody() instanceof Custody.Lent;
  }

  @Override
  public void abort(String reason) {
    if (isLive()) {
      LOG.debug("{}: {}", upstream, reason);
      close(new Outcome.Aborted(reason));
    }
  }

  private void close(Outcome end) {
    outcome = end;
    upstream.account();
    downstream.account();
    upstream.release();
    downstream.release();
    // Not before the loop has handled all events of this turn: an event for a descriptor that is
    // closed and opened again meanwhile would reach its new owner.
    loop.execute(() -> {
      first.end(end, unsplice == null ? List.of() : unsplice.fromFirst());
      second.end(end, unsplice == null ? List.of() : unsplice.fromSecond());
      loop.forget(this);
      closed.complete(stats());
      if (unsplice != null) {
        unsplice.ended(stats());
      }
    });
  }

  private void lookLater() {
    long idle = options.idleTimeout().toNanos();
    long left = idle == 0 ? Long.MAX_VALUE : idle - (System.nanoTime() - lastNanos());
    loop.later(this::look, Math.clamp(left, 1, LONGEST_LOOK_NANOS), TimeUnit.NANOSECONDS);
  }

  /// Ends a session that is idle. An error that nobody was told of may have stopped a target's
  /// worker (another datagram takes it off the socket: `__skb_recv_udp`): drops for want of a
  /// target show that; and where they cannot come, since a UNIX sender is held back by what waits
  /// for the target, the kernel is asked.
  private void look() {
    if (!isLive()) {
      return;
    }
    long idle = options.idleTimeout().toNanos();
    if (unsplice == null && idle != 0 && System.nanoTime() - lastNanos() >= idle) {
      if (isConnected()) {
        abort("idle for " + options.idleTimeout());
      } else {
        complete();
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
  public CompletionStage<SpliceStats> closed() {
    return closed.minimalCompletionStage();
  }

  @Override
  public SpliceStats stats() {
    return new SpliceStats(upstream.stats(), downstream.stats(), outcome);
  }

  @Override
  public CompletionStage<Unspliced> unsplice() {
    loop.run(this::beginUnsplice);
    return undone.minimalCompletionStage();
  }

  private void beginUnsplice() {
    if (!isLive()) {
      undone.completeExceptionally(Unsplice.tooLate(outcome));
    } else if (first.isShared() || second.isShared()) {
      undone.completeExceptionally(
          new IOException("unsplice: its socket is its pipe's, and others use it: close it"));
    } else if (upstream.isCutInKernel() || downstream.isCutInKernel()) {
      undone.completeExceptionally(
          new IOException(
              "unsplice: the kernel cuts the stream into datagrams, and may have a part of one:"
                  + " close it, or splice sockets that are lent (Party.descriptor)"));
    } else if (unsplice == null) {
      SessionUnsplice begun = new SessionUnsplice(this, undone);
      unsplice = begun;
      begun.begin();
    }
  }

  @Override
  public void close() {
    loop.execute(() -> abort("closed by the application"));
  }

  @Override
  public void evict() {
    loop.execute(this::complete);
  }
}
