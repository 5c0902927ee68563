package dev.fid.splice;

import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two endpoints joined, in both directions.
///
/// ```
///   LIVE --- a lane ended ---> HALF-CLOSED --- the other lane ended ---> COMPLETED
///     |                             |
///     +---- error, reset, limit ----+------------------------------------> ABORTED
/// ```
///
/// With `half_close: end` the first lane that ends cuts the other one off. Runs on its loop; a
/// [SpliceHandle] for others.
final class Splice implements Joined {
  private static final Logger LOG = LoggerFactory.getLogger(Splice.class);
  private static final Outcome LIVE = new Outcome.Live();
  private static final Outcome COMPLETED = new Outcome.Completed();
  private static final Outcome UNDONE = new Outcome.Undone();

  private final SpliceLoop loop;
  private final SpliceOptions options;
  private final Leg first;
  private final Leg second;
  private final Lane upstream;
  private final Lane downstream;
  private final CompletableFuture<SpliceStats> closed = new CompletableFuture<>();
  private final CompletableFuture<Unspliced> undone = new CompletableFuture<>();
  private volatile Outcome outcome = LIVE;
  private @Nullable ScheduledFuture<?> idleCheck;
  private @Nullable Unsplice unsplice;
  private long lastBytes = -1;

  Splice(SpliceLoop loop, KernelPath kernel, Custody one, Custody two, SpliceOptions options) {
    this.loop = loop;
    this.options = options;
    first = new Leg(this, one);
    second = new Leg(this, two);
    Endpoint a = one.endpoint();
    Endpoint b = two.endpoint();
    upstream =
        new Lane(
            this,
            first,
            second,
            LanePlan.choose(kernel, a.family(), b.family(), options.halfClose())
                .carrying(options.ancillary()));
    downstream =
        new Lane(
            this,
            second,
            first,
            LanePlan.choose(kernel, b.family(), a.family(), options.halfClose())
                .carrying(options.ancillary()));
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
      upstream.move();
      if (isLive()) {
        downstream.move();
      }
      updateInterest();
      if (options.idleTimeout().isPositive() && isLive()) {
        long nanos = options.idleTimeout().toNanos();
        idleCheck = loop.every(this::checkIdle, nanos, TimeUnit.NANOSECONDS);
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

  Lane upstream() {
    return upstream;
  }

  Lane downstream() {
    return downstream;
  }

  Lane laneFrom(Leg leg) {
    return leg == first ? upstream : downstream;
  }

  Lane laneTo(Leg leg) {
    return leg == first ? downstream : upstream;
  }

  Lane otherThan(Lane lane) {
    return lane == upstream ? downstream : upstream;
  }

  private boolean isLive() {
    return outcome instanceof Outcome.Live;
  }

  /// Asks the loop for just the events that the lanes can use now.
  void updateInterest() {
    if (isLive()) {
      first.watch(upstream.wantsInput(), downstream.wantsOutput());
      second.watch(downstream.wantsInput(), upstream.wantsOutput());
    }
  }

  /// The kernel would not take this lane's sockets: it is relayed, or that is the end.
  void relayed(Lane lane, String reason, boolean allowed) {
    LOG.debug("{}: relayed: {}", lane, reason);
    if (!allowed && options.onUnsupported() == OnUnsupported.REFUSE) {
      abort(lane + ": " + reason + ", and on_unsupported is refuse");
    }
  }

  /// Everything that the lane's source sent is in the target's socket.
  void laneEnded(Lane lane) {
    if (!isLive()) {
      return;
    }
    Lane other = otherThan(lane);
    if (other.state() == LaneState.ENDED) {
      complete();
    } else if (options.halfClose() == HalfClose.END || lane.source.isGone()) {
      cut(other);
    } else {
      lane.target.shutdownWrite();
    }
  }

  /// The source of a lane, which had sent its last byte before, may have closed now: then nothing
  /// can be delivered there, and the other lane ends as soon as this one.
  void sourceEndedAgain(Lane lane) {
    Lane other = otherThan(lane);
    boolean over = lane.state() == LaneState.ENDED && other.state() != LaneState.ENDED;
    if (isLive() && over && lane.source.isGone()) {
      cut(other);
    }
  }

  private void cut(Lane lane) {
    if (lane.target.isVsock() && lane.target.isGone()) {
      // Its backlog goes down no more: that the peer has closed wakes no writer.
      lane.drained();
    } else {
      lane.cut();
    }
    updateInterest();
  }

  /// Both lanes have ended: closes once that takes nothing from a peer.
  private void complete() {
    if (isLive()) {
      if (first.isSettled() && second.isSettled()) {
        close(COMPLETED);
      } else {
        loop.retry(this::complete);
      }
    }
  }

  /// Ends the splice for this reason: bytes on their way are dropped, and TCP peers are reset.
  @Override
  public void abort(String reason) {
    if (isLive()) {
      LOG.debug("{}: {}", upstream, reason);
      close(new Outcome.Aborted(reason));
    }
  }

  /// Both sockets are quiet, and nothing is on its way.
  void undone() {
    if (isLive()) {
      close(UNDONE);
    }
  }

  /// Whether a socket may still be open when the splice has ended.
  boolean outlived() {
    return outcome.equals(UNDONE)
        || first.custody() instanceof Custody.Lent
        || second.custody() instanceof Custody.Lent;
  }

  private void close(Outcome end) {
    outcome = end;
    upstream.release();
    downstream.release();
    if (idleCheck != null) {
      idleCheck.cancel(false);
    }
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

  /// Ends a splice that moved nothing since this was called last.
  void checkIdle() {
    long bytes = upstream.stats().bytes() + downstream.stats().bytes();
    if (bytes == lastBytes) {
      abort("idle for " + options.idleTimeout());
    }
    lastBytes = bytes;
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
    } else if (unsplice == null) {
      if (idleCheck != null) {
        idleCheck.cancel(false);
      }
      Unsplice begun = new Unsplice(this, undone);
      unsplice = begun;
      begun.begin();
    }
  }

  @Override
  public void close() {
    loop.execute(() -> abort("closed by the application"));
  }
}
