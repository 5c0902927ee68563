package dev.fid.splice;

import org.jspecify.annotations.Nullable;

/// What a lane of a session has moved and dropped: counted here by user space, and in the memory
/// shared with the kernel.
///
/// Written by the lane's loop, read by any thread.
final class DatagramCounters {
  private volatile LanePlan plan;
  private volatile @Nullable DatagramSlot slot;
  private volatile @Nullable LaneStats last;
  private volatile long relayedBytes;
  private volatile long relayedMessages;
  private volatile long tooLong;
  private volatile long unreachable;
  private volatile long overload;
  private volatile long overflow;
  private volatile long lost;

  DatagramCounters(LanePlan plan) {
    this.plan = plan;
  }

  void share(DatagramSlot claimed) {
    slot = claimed;
  }

  void relayedFor(String reason) {
    plan = new LanePlan.Relayed(reason);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void relayed(long bytes) {
    relayedBytes += bytes;
  }

  /// The last bytes of a message, or all of it.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void relayedMessage(long bytes) {
    relayed(bytes);
    relayedMessages++;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void tooLong() {
    tooLong++;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void unreachable() {
    unreachable++;
  }

  /// Dropped before they reached the lane.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void overload(long datagrams) {
    overload += datagrams;
  }

  /// Dropped by the source's socket as it was relayed.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void overflow(long datagrams) {
    overflow += datagrams;
  }

  /// Dropped with the target's psock.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void lost(long skbs) {
    lost += skbs;
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
    DatagramSlot shared = slot;
    return new LaneStats(
        plan,
        count(shared, DatagramLayout.REDIRECTED_BYTES),
        0,
        relayedBytes,
        count(shared, DatagramLayout.REDIRECTED_SKBS),
        0,
        0,
        count(shared, DatagramLayout.NO_TARGET_SKBS),
        count(shared, DatagramLayout.REFUSED_SKBS),
        lost,
        count(shared, DatagramLayout.MAX_BACKLOG),
        0,
        relayedMessages,
        new DatagramDrops(
            overload + count(shared, DatagramLayout.OVERLOAD_SKBS),
            tooLong + count(shared, DatagramLayout.TOO_LONG_SKBS),
            count(shared, DatagramLayout.EMPTY_SKBS),
            unreachable,
            count(shared, DatagramLayout.NO_MEMORY_SKBS),
            overflow));
  }

  private static long count(@Nullable DatagramSlot slot, long offset) {
    return slot == null ? 0 : slot.counter(offset);
  }
}
