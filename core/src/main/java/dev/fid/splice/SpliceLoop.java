package dev.fid.splice;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.BpfException;
import dev.fid.os.Datagram;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One event loop with what its splices share: pipes and buffers, the wait for backlogs, timers.
///
/// Its thread owns its splices; the methods that say so may be called from others.
public final class SpliceLoop {
  private static final long SHORTEST_LAG_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_LAG_NANOS = TimeUnit.MILLISECONDS.toNanos(16);

  /// The longest UNIX datagram that is relayed: one that is longer is dropped, and counted.
  private static final int DATAGRAM_BYTES = 1 << 20;

  private static final int DROP_GRACE_PERIODS = 3;

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Splicer splicer;
  private final IoEventLoop eventLoop;
  private final @Nullable SpliceMaps maps;
  private final @Nullable Backlogs backlogs;
  private final MoverPool movers;
  private final Pump pump;
  private final Set<Joined> splices = new HashSet<>();
  private final Datagram datagram = new Datagram(DATAGRAM_BYTES);

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by shutDown
  SpliceLoop(Splicer splicer, IoEventLoop eventLoop, @Nullable SpliceMaps maps, MoverPool movers)
      throws BpfException {
    this.splicer = splicer;
    this.eventLoop = eventLoop;
    this.maps = maps;
    this.movers = movers;
    this.pump = new Pump();
    this.backlogs = maps == null ? null : new Backlogs(this, maps);
  }

  /// Netty's loop, for listeners and connectors. From any thread.
  public IoEventLoop eventLoop() {
    return eventLoop;
  }

  /// Runs it on the loop: now if this is its thread, else soon. From any thread.
  public void run(Runnable task) {
    if (eventLoop.inEventLoop()) {
      task.run();
    } else {
      eventLoop.execute(task);
    }
  }

  void execute(Runnable task) {
    eventLoop.execute(task);
  }

  void later(Runnable task, long delay, TimeUnit unit) {
    Future<?> _ = eventLoop.schedule(task, delay, unit);
  }

  ScheduledFuture<?> every(Runnable task, long period, TimeUnit unit) {
    return eventLoop.scheduleWithFixedDelay(task, period, period, unit);
  }

  IoRegistration register(IoHandle leg) throws IOException {
    Future<IoRegistration> registered = eventLoop.register(leg);
    if (!registered.isSuccess()) {
      throw new IOException("watch " + leg + ": " + registered.cause(), registered.cause());
    }
    return registered.getNow();
  }

  SpliceMaps maps() {
    return present(maps);
  }

  Backlogs backlogs() {
    return present(backlogs);
  }

  Pump pump() {
    return pump;
  }

  MoverPool movers() {
    return movers;
  }

  DatagramMaps datagramMaps() {
    return present(splicer.datagramMaps());
  }

  /// Room for the datagram that is being relayed.
  Datagram datagram() {
    return datagram;
  }

  private static <T> T present(@Nullable T kernelThing) {
    if (kernelThing == null) {
      throw new IllegalStateException("no lane is in the kernel here");
    }
    return kernelThing;
  }

  void remember(Joined splice) {
    splices.add(splice);
  }

  void forget(Joined splice) {
    splices.remove(splice);
  }

  /// Looks after a lane whose source had skbs queued when it was enrolled.
  void watchLag(Lagging lane) {
    new LagWatch(lane, SHORTEST_LAG_NANOS).schedule();
  }

  /// Sees whether a source that lags is quiet: nothing was redirected and nothing came between two
  /// looks, and none of its verdicts is under way.
  ///
  /// A sender may be preempted within one, and be quiet for long; evicted then, the skb would be
  /// lost.
  private final class LagWatch implements Runnable {
    private final Lagging lane;
    private long delay;
    private long redirected = -1;
    private long queued = -1;
    private boolean noVerdict;

    LagWatch(Lagging lane, long delay) {
      this.lane = lane;
      this.delay = delay;
    }

    void schedule() {
      later(this, delay, TimeUnit.NANOSECONDS);
      delay = Math.min(delay * 2, LONGEST_LAG_NANOS);
    }

    @Override
    public void run() {
      if (!lane.isInKernel()) {
        return;
      }
      long queuedNow = lane.lag();
      long redirectedNow = lane.redirectedSkbs();
      if (queuedNow == 0) {
        return;
      }
      if (queuedNow != queued || redirectedNow != redirected) {
        queued = queuedNow;
        redirected = redirectedNow;
        noVerdict = false;
        schedule();
      } else if (noVerdict) {
        lane.recover();
      } else {
        noVerdict = true;
        afterVerdicts(this, _ -> lane.recover());
      }
    }
  }

  /// Runs the task shortly: for what the kernel does not announce.
  void retry(Runnable task) {
    later(task, RETRY_NANOS, TimeUnit.NANOSECONDS);
  }

  /// Runs the task on this loop once every verdict that is under way has ended, or `failed` with
  /// why it cannot be known.
  void afterVerdicts(Runnable task, Consumer<String> failed) {
    splicer.afterVerdicts(
        () -> eventLoop.execute(task), reason -> eventLoop.execute(() -> failed.accept(reason)));
  }

  /// Runs the task on this loop once a socket that has left its maps has counted what was dropped.
  ///
  /// The kernel does that in a work item that it queues after a grace period (sk_psock_drop,
  /// sk_psock_destroy) and announces to nobody. A callback of another CPU may have joined the grace
  /// period after the next only, so the task waits for two, and then for the work: another grace
  /// period, which takes the longer the busier the processors are, and a moment. Measured: it was
  /// done 2 to 15 ms after the socket had left, where a grace period took about 10.
  void afterDrops(Runnable task) {
    afterGracePeriods(DROP_GRACE_PERIODS, () -> eventLoop.execute(() -> retry(task)));
  }

  /// One after the other, or as many as can be had.
  private void afterGracePeriods(int count, Runnable task) {
    Runnable next = count == 1 ? task : () -> afterGracePeriods(count - 1, task);
    splicer.afterVerdicts(next, _ -> task.run());
  }

  void sendBufferCapped(int bytes) {
    splicer.sendBufferCapped(bytes);
  }

  /// Aborts what is left, on the loop; the loop itself is its group's.
  void shutDown() {
    for (Joined splice : List.copyOf(splices)) {
      splice.abort("Fid was closed");
    }
    movers.close();
    pump.close();
    datagram.close();
    if (backlogs != null) {
      backlogs.close();
    }
  }
}
