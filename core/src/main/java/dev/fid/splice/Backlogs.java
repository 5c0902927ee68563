package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.BpfException;
import dev.fid.bpf.TestRun;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/// Waits until the backlogs of targets are empty, by asking the kernel for many at once.
///
/// The kernel does not announce that, so lanes that wait are asked for: at once, and then after a
/// delay that grows while their backlog stands still. Used on its loop only.
final class Backlogs implements AutoCloseable {
  private static final int BATCH = 64;
  private static final int HEADER = 16;
  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(32);

  private final SpliceLoop loop;
  private final TestRun query;
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
  private boolean scheduled;

  /// One lane that waits, how long its backlog was when last asked for, and when to ask again.
  private static final class Waiter {
    final Lane lane;
    int backlog = Integer.MAX_VALUE;
    long delay = SHORTEST_NANOS;
    long due;

    Waiter(Lane lane) {
      this.lane = lane;
    }
  }

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  Backlogs(SpliceLoop loop, SpliceMaps maps) throws BpfException {
    this.loop = loop;
    this.query = maps.backlogQuery(HEADER + BATCH * (int) LaneLayout.QUERY_SIZE);
  }

  /// Calls [Lane#backlogEmpty()] once, now or later.
  void await(Lane lane) {
    Waiter waiter = new Waiter(lane);
    ask(waiter, 0);
    run(1);
    if (!answered(waiter, 0, System.nanoTime())) {
      waiters.add(waiter);
      schedule();
    }
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      loop.later(this::poll, SHORTEST_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  private void poll() {
    scheduled = false;
    long now = System.nanoTime();
    Waiter[] batch = new Waiter[BATCH];
    int size = 0;
    for (int left = waiters.size(); left > 0; left--) {
      Waiter waiter = waiters.remove();
      if (!waiter.lane.awaitsBacklog()) {
        continue;
      }
      if (waiter.due - now > 0) {
        waiters.add(waiter);
        continue;
      }
      batch[size] = waiter;
      ask(waiter, size++);
      if (size == BATCH) {
        answer(batch, size, now);
        size = 0;
      }
    }
    answer(batch, size, now);
    if (!waiters.isEmpty()) {
      schedule();
    }
  }

  private void ask(Waiter waiter, int index) {
    MemorySegment data = query.data();
    long at = HEADER + index * LaneLayout.QUERY_SIZE;
    data.set(JAVA_LONG, at + LaneLayout.QUERY_COOKIE, waiter.lane.cookie());
    data.set(JAVA_LONG, at + LaneLayout.QUERY_BACKLOG, 0);
  }

  private void run(int queries) {
    try {
      query.run(HEADER + queries * (int) LaneLayout.QUERY_SIZE);
    } catch (BpfException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(Waiter[] batch, int size, long now) {
    if (size == 0) {
      return;
    }
    run(size);
    for (int i = 0; i < size; i++) {
      // From the first to the last: what a lane does next may ask again, and overwrite the first
      // answer.
      if (!answered(batch[i], i, now)) {
        waiters.add(batch[i]);
      }
    }
  }

  private boolean answered(Waiter waiter, int index, long now) {
    MemorySegment data = query.data();
    long at = HEADER + index * LaneLayout.QUERY_SIZE;
    boolean gone = data.get(JAVA_INT, at + LaneLayout.QUERY_STATE) == LaneLayout.STATE_NO_TARGET;
    int backlog = data.get(JAVA_INT, at + LaneLayout.QUERY_BACKLOG);
    if (gone || backlog == 0) {
      waiter.lane.backlogEmpty();
      return true;
    }
    waiter.delay =
        backlog == waiter.backlog ? Math.min(waiter.delay * 2, LONGEST_NANOS) : SHORTEST_NANOS;
    waiter.backlog = backlog;
    waiter.due = now + waiter.delay;
    return false;
  }

  @Override
  public void close() {
    query.close();
  }
}
