package dev.fid.splice;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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
final class Splice extends Joined {
  private final StreamLeg first;
  private final StreamLeg second;
  private final Lane upstream;
  private final Lane downstream;
  private @Nullable ScheduledFuture<?> idleCheck;
  private long lastBytes = -1;

  Splice(SpliceLoop loop, KernelPath kernel, Custody one, Custody two, SpliceOptions options) {
    super(loop, options);
    first = new StreamLeg(this, one);
    second = new StreamLeg(this, two);
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
  void begin() {
    upstream.move();
    if (isLive()) {
      downstream.move();
    }
    updateInterest();
    if (options().idleTimeout().isPositive() && isLive()) {
      long nanos = options().idleTimeout().toNanos();
      idleCheck = loop().every(this::checkIdle, nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  StreamLeg first() {
    return first;
  }

  @Override
  StreamLeg second() {
    return second;
  }

  Lane upstream() {
    return upstream;
  }

  Lane downstream() {
    return downstream;
  }

  Lane laneFrom(StreamLeg leg) {
    return leg == first ? upstream : downstream;
  }

  Lane laneTo(StreamLeg leg) {
    return leg == first ? downstream : upstream;
  }

  Lane otherThan(Lane lane) {
    return lane == upstream ? downstream : upstream;
  }

  /// Asks the loop for just the events that the lanes can use now.
  void updateInterest() {
    if (isLive()) {
      first.watch(upstream.wantsInput(), downstream.wantsOutput());
      second.watch(downstream.wantsInput(), upstream.wantsOutput());
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
    } else if (options().halfClose() == HalfClose.END || lane.source.isGone()) {
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
        completed();
      } else {
        loop().retry(this::complete);
      }
    }
  }

  @Override
  void release() {
    upstream.release();
    downstream.release();
    stopIdleCheck();
  }

  private void stopIdleCheck() {
    if (idleCheck != null) {
      idleCheck.cancel(false);
    }
  }

  /// Ends a splice that moved nothing since this was called last.
  void checkIdle() {
    long bytes = upstream.stats().bytes() + downstream.stats().bytes();
    if (bytes == lastBytes) {
      abort("idle for " + options().idleTimeout());
    }
    lastBytes = bytes;
  }

  @Override
  public SpliceStats stats() {
    return new SpliceStats(upstream.stats(), downstream.stats(), outcome());
  }

  @Override
  Undoing undoing() {
    stopIdleCheck();
    return new Unsplice(this);
  }

  @Override
  public String toString() {
    return upstream.toString();
  }
}
