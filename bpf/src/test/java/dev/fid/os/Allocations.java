package dev.fid.os;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/// Measures what calls put on the heap.
public final class Allocations {
  static final int BATCH = 2_000;
  private static final int BATCHES = 2_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocations() {}

  /// The bytes that the best of many batches of calls allocated: the compiler takes its time.
  public static long least(LongSupplier call) {
    return least(call, 0);
  }

  /// The same, content with a batch that allocated no more than `enough`.
  static long least(LongSupplier call, long enough) {
    long least = Long.MAX_VALUE;
    long sum = 0;
    for (int batch = 0; batch < BATCHES && least > enough; batch++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < BATCH; i++) {
        sum += call.getAsLong();
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(sum).as("the calls were made").isNotZero();
    return least;
  }
}
