package dev.fid.splice;

import java.util.concurrent.TimeUnit;

/// A lane's turn in user space, from a pause of its source until that is quiet ([Bulk#RELAY]).
/// Belongs to its lane.
final class BulkTurn {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /// Between two looks; less is no bulk.
  private static final long BULK_BYTES = 4 << 20;

  /// Of the skbs that led to the pause, on the average. The kernel is quicker with short ones.
  private static final int LONG_SKB = 8 << 10;

  /// What TCP's own tuning gives a fast connection (tcp_wmem): a longer queue only leaves the cache
  /// before it is sent.
  private static final int SEND_BUFFER = 4 << 20;

  private final Lane lane;
  private final LaneCounters counters;
  private boolean on;
  private long bytesBefore;
  private long skbsBefore;
  private long relayed;

  BulkTurn(Lane lane, LaneCounters counters) {
    this.lane = lane;
    this.counters = counters;
  }

  boolean isOn() {
    return on;
  }

  /// The kernel has paused the source: what becomes of the lane.
  LaneState paused() {
    SpliceOptions options = lane.splice.options();
    if (options.bulk() == Bulk.KERNEL || !isLong()) {
      return LaneState.PAUSED;
    }
    on = true;
    lane.target.sendBuffer(Math.min(SEND_BUFFER, options.sendBuffer()));
    lookLater();
    return LaneState.RECOVERING;
  }

  /// Whether what went by the kernel since the last pause came in long skbs.
  private boolean isLong() {
    long bytes = lane.gate().counter(LaneLayout.REDIRECTED_BYTES);
    long skbs = lane.gate().counter(LaneLayout.REDIRECTED_SKBS);
    boolean isLong = bytes - bytesBefore >= (skbs - skbsBefore) * LONG_SKB;
    bytesBefore = bytes;
    skbsBefore = skbs;
    return isLong;
  }

  private void lookLater() {
    relayed = counters.relayed();
    lane.splice.loop().later(this::look, LOOK_NANOS, TimeUnit.NANOSECONDS);
  }

  private void look() {
    switch (lane.state()) {
      case RECOVERING -> lookLater();
      case RELAY -> {
        if (lane.wantsOutput() || counters.relayed() - relayed >= BULK_BYTES) {
          lookLater();
        } else {
          on = false;
          lane.target.sendBuffer(lane.splice.options().sendBuffer());
          lane.move();
        }
      }
      case KERNEL, PUMP, PAUSED, DRAINING, LEAVING, ENDED -> on = false;
    }
  }
}
