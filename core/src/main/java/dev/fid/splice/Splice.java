package dev.fid.splice;

import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
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

  private final SpliceLoop loop;
  private final SpliceOptions options;
  private final Leg first;
  private final Leg second;
  private final Lane upstream;
  private final Lane downstream;
  private final CompletableFuture<SpliceStats> closed = new CompletableFuture<>();
  private volatile Outcome outcome = LIVE;
  private @Nullable ScheduledFuture<?> idleCheck;
  private long lastBytes = -1;

  /// Takes ownership of both descriptors.
  Splice(SpliceLoop loop, KernelPath kernel, Endpoint a, Endpoint b, SpliceOptions options) {
    this.loop = loop;
    this.options = options;
    first = new Leg(this, a);
    second = new Leg(this, b);
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
      Sockets.setPassCredentials(first.descriptor());
      Sockets.setPassCredentials(second.descriptor());
    }
    try {
      first.register();
      second.register();
      upstream.start();
      if (isLive()) {
        downstream.start();
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
      other.cut();
      updateInterest();
    } else {
      lane.target.shutdownWrite();
    }
  }

  /// Both lanes have ended: closes once that takes nothing from a peer.
  private void complete() {
    if (isLive()) {
      if (first.isSettled() && second.isSettled()) {
        close(COMPLETED, false);
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
      close(new Outcome.Aborted(reason), true);
    }
  }

  private void close(Outcome end, boolean reset) {
    outcome = end;
    upstream.release();
    downstream.release();
    if (idleCheck != null) {
      idleCheck.cancel(false);
    }
    // Not before the loop has handled all events of this turn: an event for a descriptor that is
    // closed and opened again meanwhile would reach its new owner.
    loop.execute(() -> {
      first.close(reset);
      second.close(reset);
      loop.forget(this);
      closed.complete(stats());
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
  public void close() {
    loop.execute(() -> abort("closed by the application"));
  }
}
