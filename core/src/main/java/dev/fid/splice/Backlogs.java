package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.BpfException;
import dev.fid.bpf.TestRun;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/// Waits until the backlogs of targets are empty, or low enough, by asking the kernel for many at
/// once.
///
/// The kernel does not announce that, so lanes that wait are asked for: at once, and then after a
/// delay that grows while their backlog stands still. Used on its loop only.
final class Backlogs implements AutoCloseable {
  private static final int BATCH = 64;
  private static final int HEADER = 16;
  private static final int GONE = -1;
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
    if (!settled(waiter, answer(0), System.nanoTime())) {
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
    data.set(JAVA_LONG, at + LaneLayout.QUERY_COOKIE, waiter.lane.backlogKey());
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
    // All of them before anybody is told: what a lane does next may ask again.
    int[] answers = new int[size];
    for (int i = 0; i < size; i++) {
      answers[i] = answer(i);
    }
    for (int i = 0; i < size; i++) {
      if (!settled(batch[i], answers[i], now)) {
        waiters.add(batch[i]);
      }
    }
  }

  /// The backlog that the kernel told, skbs; [#GONE] where the target has left its map.
  private int answer(int index) {
    MemorySegment data = query.data();
    long at = HEADER + index * LaneLayout.QUERY_SIZE;
    return switch (data.get(JAVA_INT, at + LaneLayout.QUERY_STATE)) {
      case LaneLayout.STATE_KNOWN -> data.get(JAVA_INT, at + LaneLayout.QUERY_BACKLOG);
      case LaneLayout.STATE_NO_TARGET -> GONE;
      default -> throw new IllegalStateException("the kernel did not answer for a backlog");
    };
  }

  private boolean settled(Waiter waiter, int backlog, long now) {
    if (backlog == GONE && waiter.lane.target.endpoint().family() == Family.UNIX_STREAM) {
      loop.afterDrops(() -> told(waiter.lane));
      return true;
    }
    if (backlog <= waiter.lane.lowBacklog()) {
      waiter.lane.backlogEmpty();
      return true;
    }
    waiter.delay =
        backlog == waiter.backlog ? Math.min(waiter.delay * 2, LONGEST_NANOS) : SHORTEST_NANOS;
    waiter.backlog = backlog;
    waiter.due = now + waiter.delay;
    waiter.lane.stillWaiting();
    return false;
  }

  /// A UNIX target that has left its map may have lost what waited: the lane asks, now that it is
  /// counted.
  private static void told(Lane lane) {
    if (lane.awaitsBacklog()) {
      lane.backlogEmpty();
    }
  }

  @Override
  public void close() {
    query.close();
  }
}
