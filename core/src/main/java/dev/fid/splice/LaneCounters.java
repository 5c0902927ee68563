package dev.fid.splice;

import org.jspecify.annotations.Nullable;

/// What a lane has moved: counted here by user space, and in the memory shared with the kernel.
///
/// Written by the lane's loop, read by any thread.
final class LaneCounters {
  private volatile LanePlan plan;
  private volatile long pumped;
  private volatile long relayed;
  private volatile long lost;
  private volatile @Nullable Gate gate;
  private volatile @Nullable LaneStats last;

  LaneCounters(LanePlan plan) {
    this.plan = plan;
  }

  /// From now on the kernel counts too.
  void share(Gate claimed) {
    gate = claimed;
  }

  void relayedFor(String reason) {
    plan = new LanePlan.Relayed(reason);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void pumped(long bytes) {
    pumped += bytes;
  }

  long pumped() {
    return pumped;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void relayed(long bytes) {
    relayed += bytes;
  }

  long relayed() {
    return relayed;
  }

  /// Notes skbs that were lost with the target's psock; whether there are any.
  boolean lost(long skbs) {
    lost = Math.max(0, skbs);
    return skbs > 0;
  }

  /// The shared memory will be another lane's: remembers what it says.
  void close() {
    last = stats();
  }

  LaneStats stats() {
    LaneStats remembered = last;
    if (remembered != null) {
      return remembered;
    }
    Gate shared = gate;
    if (shared == null) {
      return new LaneStats(plan, 0, pumped, relayed, 0, 0, 0, 0, 0, lost, 0, 0);
    }
    return new LaneStats(
        plan,
        shared.counter(LaneLayout.REDIRECTED_BYTES),
        pumped,
        relayed,
        shared.counter(LaneLayout.REDIRECTED_SKBS),
        shared.counter(LaneLayout.PASSED_SKBS),
        shared.counter(LaneLayout.CLOSINGS),
        shared.counter(LaneLayout.NO_TARGET_SKBS),
        shared.counter(LaneLayout.REFUSED_SKBS),
        lost,
        shared.counter(LaneLayout.MAX_BACKLOG),
        shared.counter(LaneLayout.OVERLAP_BYTES));
  }
}
