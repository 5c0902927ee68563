package dev.fid.pipe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.fid.splice.LanePlan;
import dev.fid.splice.LaneStats;
import dev.fid.splice.SessionHandle;
import dev.fid.splice.SpliceHandle;
import dev.fid.splice.SpliceStats;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A pipe's connections and their counters. Thread safe; a connection's counters move from live to
/// ended at once.
final class Connections {
  private final int limit;
  private final Set<SpliceHandle> live = new HashSet<>();
  private int admitted;
  private long spliced;
  private long relayed;
  private long failed;
  private long rejected;
  private long aborted;
  private LaneStats upstream;
  private LaneStats downstream;
  private long evicted;
  private final Set<SpliceHandle> leaving = new HashSet<>();

  /// By when each session was active when it was last looked at; empty until the limit is reached.
  private final PriorityQueue<Idle> byIdleness = new PriorityQueue<>();

  private boolean closing;
  private @Nullable Runnable whenEmpty;

  private record Idle(SessionHandle session, long lastNanos) implements Comparable<Idle> {
    @Override
    public int compareTo(Idle other) {
      return Long.signum(lastNanos - other.lastNanos);
    }
  }

  Connections(int limit, LanePlan upstreamPlan, LanePlan downstreamPlan) {
    this.limit = limit;
    upstream = LaneStats.none(upstreamPlan);
    downstream = LaneStats.none(downstreamPlan);
  }

  /// Whether there is room for one more, which then counts until it has failed or was removed.
  ///
  /// @param evicts at the limit, the session that has been idle for longest makes room
  synchronized boolean admit(boolean evicts) {
    if (closing || (admitted - leaving.size() >= limit && !(evicts && evictIdlest()))) {
      rejected++;
      return false;
    }
    admitted++;
    return true;
  }

  @GuardedBy("this") private boolean evictIdlest() {
    if (byIdleness.isEmpty() || byIdleness.size() / 2 > limit) {
      byIdleness.clear();
      live.forEach(splice -> {
        if (splice instanceof SessionHandle session) {
          byIdleness.add(new Idle(session, session.lastNanos()));
        }
      });
    }
    for (Idle idlest; (idlest = byIdleness.poll()) != null; ) {
      SessionHandle session = idlest.session();
      if (!live.contains(session) || leaving.contains(session)) {
        continue;
      }
      long last = session.lastNanos();
      if (last != idlest.lastNanos()) {
        byIdleness.add(new Idle(session, last));
        continue;
      }
      leaving.add(session);
      evicted++;
      session.evict();
      return true;
    }
    return false;
  }

  void failed() {
    Runnable last;
    synchronized (this) {
      failed++;
      last = leave();
    }
    run(last);
  }

  void add(SpliceHandle splice) {
    boolean late;
    synchronized (this) {
      live.add(splice);
      if (splice instanceof SessionHandle session && !byIdleness.isEmpty()) {
        byIdleness.add(new Idle(session, session.lastNanos()));
      }
      late = closing;
    }
    if (late) {
      splice.close();
    }
  }

  /// A connection runs, in the kernel or not.
  synchronized void started(SpliceStats stats) {
    if (stats.upstream().plan().inKernel() || stats.downstream().plan().inKernel()) {
      spliced++;
    } else {
      relayed++;
    }
  }

  void remove(SpliceHandle splice, SpliceStats last) {
    Runnable then;
    synchronized (this) {
      live.remove(splice);
      leaving.remove(splice);
      upstream = upstream.plus(last.upstream());
      downstream = downstream.plus(last.downstream());
      if (last.outcome() instanceof SpliceStats.Outcome.Aborted) {
        aborted++;
      }
      then = leave();
    }
    run(then);
  }

  private @Nullable Runnable leave() {
    admitted--;
    return admitted == 0 ? whenEmpty : null;
  }

  private static void run(@Nullable Runnable task) {
    if (task != null) {
      task.run();
    }
  }

  /// Runs the task when no connection is left; at once if none is there.
  void whenEmpty(Runnable task) {
    synchronized (this) {
      if (admitted > 0) {
        whenEmpty = task;
        return;
      }
    }
    task.run();
  }

  /// Ends every connection, and those that are being connected as soon as they are.
  void closeAll() {
    List<SpliceHandle> all;
    synchronized (this) {
      closing = true;
      all = List.copyOf(live);
    }
    all.forEach(SpliceHandle::close);
  }

  synchronized PipeStats stats() {
    LaneStats up = upstream;
    LaneStats down = downstream;
    for (SpliceHandle splice : live) {
      SpliceStats stats = splice.stats();
      up = up.plus(stats.upstream());
      down = down.plus(stats.downstream());
    }
    return new PipeStats(admitted, spliced, relayed, failed, rejected, aborted, evicted, up, down);
  }
}
