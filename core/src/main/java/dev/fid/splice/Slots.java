package dev.fid.splice;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// The slots of the `lanes` map that nobody has, used in turn.
///
/// Thread safe. A freed slot rests before it is used again, so that a verdict that was under way
/// when its source left cannot count on somebody else's lane.
final class Slots {
  static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanos;
  private final int[] free;
  private final long[] freedAt;
  private int first;
  private int count;

  /// @param nanos the time; it may be negative, and wraps
  Slots(int slots, LongSupplier nanos) {
    this.nanos = nanos;
    free = new int[slots];
    freedAt = new long[slots];
    long rested = nanos.getAsLong() - REST_NANOS;
    for (int slot = 0; slot < slots; slot++) {
      free[slot] = slot;
      freedAt[slot] = rested;
    }
    count = slots;
  }

  /// The slot that has rested longest, or -1 when every one is taken or resting.
  synchronized int take() {
    if (count == 0 || nanos.getAsLong() - freedAt[first] < REST_NANOS) {
      return -1;
    }
    int slot = free[first];
    first = (first + 1) % free.length;
    count--;
    return slot;
  }

  /// Takes a slot back.
  synchronized void give(int slot) {
    int last = (first + count) % free.length;
    free[last] = slot;
    freedAt[last] = nanos.getAsLong();
    count++;
  }
}
