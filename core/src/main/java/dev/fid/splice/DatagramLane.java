package dev.fid.splice;

import dev.fid.os.Errno;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One direction of a session.
///
/// ```
///                 the source ran dry
///   RELAY ---------------------------------> KERNEL
///     ^                                      |    |
///     +---- RECOVERING <---- skbs lag -------+    |
///     +---- for a while, when nobody receives ----+
/// ```
///
/// When the session is undone, each becomes LEAVING: a [DatagramDeparture] has the lane then. It
/// ends with its session, or, from a stream, with that. Runs on the session's loop; only [#stats()]
/// is for any thread.
final class DatagramLane implements Lagging {
  /// Messages without a pause before other connections get their turn.
  private static final int TURNS = 64;

  /// A source that never runs dry is enrolled all the same after so many datagrams: what is queued
  /// then lags behind until it is quiet, in order. More than [Arrivals] holds.
  private static final int BULK = 2048;

  /// Each error takes a lane out of the maps, so a receiver that is not there costs that much once
  /// in a while, and no more.
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  final DatagramLeg source;
  final DatagramLeg target;
  private final Session session;
  private final SpliceLoop loop;
  private final DatagramCounters counters;
  private final Carrier carrier;
  private int relayedInARow;
  private final Runnable moveTask = this::move;
  private @Nullable DatagramSlot slot;
  private @Nullable DatagramDeparture departure;

  private LaneState state = LaneState.RELAY;
  private boolean relayToEnd;
  private boolean blocked;
  private boolean moveScheduled;
  private boolean noted;
  private boolean paused;
  private long relayedNanos;
  private long droppedBefore;

  DatagramLane(Session session, DatagramLeg source, DatagramLeg target, LanePlan plan) {
    this.session = session;
    this.source = source;
    this.target = target;
    this.loop = session.loop();
    this.counters = new DatagramCounters(plan);
    this.relayToEnd = !plan.inKernel();
    this.relayedNanos = System.nanoTime();
    this.carrier =
        source.isDatagram()
            ? new DatagramCarrier(this, loop.datagram())
            : new StreamCutter(this, session.framing(), loop.datagram());
  }

  DatagramCounters counters() {
    return counters;
  }

  LaneState state() {
    return state;
  }

  Session session() {
    return session;
  }

  Carrier carrier() {
    return carrier;
  }

  /// Its place in the maps, once it has had one.
  @Nullable DatagramSlot slot() {
    return slot;
  }

  /// Bytes of length in front of each message.
  int header() {
    return target.isDatagram() ? 0 : session.framing().header();
  }

  boolean keepsBoundaries() {
    return target.isDatagram();
  }

  int longest() {
    return target.longest(session.framing());
  }

  boolean wantsInput() {
    return state == LaneState.RELAY && !blocked;
  }

  boolean wantsOutput() {
    return blocked;
  }

  void start() {
    target.raiseSendBuffer(session.options().sendBuffer());
    Arrivals arrivals = source.arrivals();
    if (arrivals != null) {
      arrivals.listen(() -> loop.execute(this::arrived));
    }
    move();
  }

  /// Something came by another socket. Where the lane is in the kernel it was late, and may
  /// overtake.
  private void arrived() {
    if (state != LaneState.KERNEL) {
      move();
    } else if (target.isDatagram() && carrier instanceof DatagramCarrier late) {
      late.overtake();
    } else {
      recover();
    }
  }

  /// Moves what there is until the source runs dry, the target is full, or it is somebody else's
  /// turn.
  void move() {
    moveScheduled = false;
    DatagramDeparture leaving = departure;
    if (leaving != null) {
      leaving.move();
      return;
    }
    for (int turn = 0; turn < TURNS; turn++) {
      if (state != LaneState.RELAY || !session.isLive()) {
        session.updateInterest();
        return;
      }
      Carrier.Carried carried = carrier.carry();
      blocked = carried == Carrier.Carried.FULL;
      switch (carried) {
        case MORE -> {
          relayedNanos = System.nanoTime();
          if (++relayedInARow >= BULK) {
            enrolIfMay();
          }
        }
        case DRY -> enrolIfMay();
        case ENDED -> {
          state = LaneState.ENDED;
          session.laneEnded(this);
        }
        case FULL -> {
          if (!target.isWatched()) {
            loop.retry(moveTask);
          }
        }
        case FAILED -> {}
      }
      if (carried != Carrier.Carried.MORE) {
        session.updateInterest();
        return;
      }
    }
    if (!moveScheduled) {
      moveScheduled = true;
      loop.execute(moveTask);
    }
  }

  private void enrolIfMay() {
    if (!relayToEnd && !paused && state == LaneState.RELAY) {
      enrol();
    }
  }

  private void enrol() {
    DatagramMaps maps = loop.datagramMaps();
    int result = enter(maps);
    if (result < 0) {
      relayToEnd = true;
      String reason = Enrolment.refusal(result);
      counters.relayedFor(reason);
      session.relayed(this, reason);
      return;
    }
    counters.overflow(source.newDrops());
    relayedInARow = 0;
    state = LaneState.KERNEL;
    if (lag() > 0) {
      loop.watchLag(this);
    }
  }

  private int flags() {
    return (keepsBoundaries() ? DatagramLayout.FLAG_KEEPS_BOUNDARIES : 0)
        | (source.receiver() != null ? DatagramLayout.FLAG_HAS_DETOUR : 0);
  }

  private int enter(DatagramMaps maps) {
    DatagramSlot present = slot;
    if (present == null) {
      present = maps.claim();
      if (present == null) {
        return -Errno.ENOSPC;
      }
      // UNIX senders are held back by their own send buffers.
      int limit = source.family() == Family.UNIX_DATAGRAM ? 0 : session.options().backlog();
      present.prepare(source.cookie(), limit, longest(), header(), flags());
      slot = present;
      counters.share(present);
    }
    Shared.Receiver receiver = source.receiver();
    if (receiver != null) {
      int result = maps.enrolDetour(present, receiver.detour());
      if (result < 0) {
        return result;
      }
    }
    if (source.family() == Family.UNIX_DATAGRAM && !noted) {
      int result = source.noteReceiver(maps);
      if (result < 0) {
        return result;
      }
      noted = true;
    }
    return maps.enrol(present, source.descriptor(), target.descriptor());
  }

  /// The socket at one end of this lane had an error that may pass. It has stopped the backlog
  /// worker of that socket for good (sk_psock_backlog), so it leaves the maps for a while.
  void pause(boolean targetFailed) {
    DatagramSlot present = slot;
    if (state == LaneState.LEAVING && present != null && targetFailed) {
      loop.datagramMaps().evictTarget(present);
    }
    if (state == LaneState.KERNEL && present != null) {
      loop.datagramMaps().evictSource(present);
      if (targetFailed) {
        loop.datagramMaps().evictTarget(present);
      }
      account();
      state = LaneState.RELAY;
    }
    if (!paused && state == LaneState.RELAY) {
      paused = true;
      loop.later(this::resume, PAUSE_NANOS, TimeUnit.NANOSECONDS);
      loop.execute(moveTask);
    }
  }

  /// The session is being undone: nothing more is taken from the source.
  void leave(DatagramDeparture by) {
    LaneState before = state;
    state = LaneState.LEAVING;
    departure = by;
    by.begin(before);
  }

  /// Waits for room at the target, or no longer.
  void block(boolean now) {
    blocked = now;
    session.updateInterest();
    if (now && !target.isWatched()) {
      loop.retry(moveTask);
    }
  }

  private void resume() {
    paused = false;
    move();
  }

  /// Nobody took the message, for this errno; whether the session goes on.
  boolean notSent(int error) {
    switch (error) {
      case Errno.EMSGSIZE -> counters.tooLong();
      case Errno.EINTR -> {}
      default -> {
        counters.unreachable();
        if (target.family() != Family.UDP) {
          return target.failed(error);
        }
      }
    }
    return true;
  }

  @Override
  public boolean isInKernel() {
    return state == LaneState.KERNEL;
  }

  @Override
  public long lag() {
    return source.queued();
  }

  @Override
  public long redirectedSkbs() {
    DatagramSlot present = slot;
    return present == null ? 0 : present.counter(DatagramLayout.REDIRECTED_SKBS);
  }

  @Override
  public void recover() {
    DatagramSlot present = slot;
    if (state == LaneState.KERNEL && present != null) {
      state = LaneState.RECOVERING;
      loop.datagramMaps().evictSource(present);
      loop.afterVerdicts(() -> recovered(present), session::abort);
    }
  }

  /// What lags may not overtake what waits for the target.
  private void recovered(DatagramSlot present) {
    if (state != LaneState.RECOVERING) {
      return;
    }
    if (loop.datagramMaps().backlog(present) > 0) {
      loop.retry(() -> recovered(present));
    } else {
      account();
      state = LaneState.RELAY;
      move();
    }
  }

  /// When something was moved last, by [System#nanoTime()].
  long lastNanos() {
    DatagramSlot present = slot;
    long kernel = present == null ? 0 : present.counter(DatagramLayout.LAST_NANOS);
    return kernel == 0 || relayedNanos - kernel > 0 ? relayedNanos : kernel;
  }

  /// Sees which of the source's drops are the program's, which it has counted by reason. The
  /// others, while it is in the maps, were on their way *to* this socket.
  void account() {
    if (!source.isDatagram()) {
      return;
    }
    long fresh = source.newDrops();
    DatagramSlot present = slot;
    if (present == null) {
      counters.overflow(fresh);
      return;
    }
    long dropped = present.dropped() + source.caught(present);
    long unexplained = fresh - (dropped - droppedBefore);
    droppedBefore = dropped;
    session.laneTo(source).counters().lost(unexplained);
  }

  /// The session is closing: gives back what the lane holds.
  void release() {
    Arrivals arrivals = source.arrivals();
    if (arrivals != null) {
      counters.overload(arrivals.dropped());
    }
    counters.close();
    state = LaneState.ENDED;
    blocked = false;
    carrier.close();
    DatagramSlot present = slot;
    if (present != null) {
      if (source.receiver() != null || session.outlived()) {
        loop.datagramMaps().evictSource(present);
        loop.datagramMaps().evictTarget(present);
      }
      if (source.receiver() != null) {
        loop.datagramMaps().evictDetour(present);
      }
      loop.datagramMaps().release(present);
    }
  }

  LaneStats stats() {
    return counters.stats();
  }

  @Override
  public String toString() {
    return source + " -> " + target;
  }
}
