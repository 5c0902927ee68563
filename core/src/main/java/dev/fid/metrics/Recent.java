package dev.fid.metrics;

import dev.fid.pipe.PipeStats;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One look at a pipe's lanes for all the meters of a scrape.
final class Recent {
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Supplier<PipeStats> source;
  private @Nullable PipeStats last;
  private long takenAt;

  Recent(Supplier<PipeStats> source) {
    this.source = source;
  }

  synchronized PipeStats get() {
    long now = System.nanoTime();
    PipeStats fresh = last;
    if (fresh == null || now - takenAt > FRESH_NANOS) {
      fresh = source.get();
      last = fresh;
      takenAt = now;
    }
    return fresh;
  }
}
