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
/// From KERNEL a stream may become PAUSED, and come back or be relayed ([StreamSource]); when it
/// has ended, DRAINING and ENDED. When the session is undone, each becomes LEAVING: a
/// [DatagramDeparture] has the lane then. Otherwise a lane ends with its session. Runs on the
/// session's loop; only [#stats()] is for any thread.
final class DatagramLane {
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
  private final @Nullable StreamSource stream;
  private final Carrier carrier;
  private int relayedInARow;
  private final Coalesced turn;
  private final Coalesced again;
  private final DatagramEnrolment enrolment;
  private final DatagramLag lag;
  private @Nullable DatagramDeparture departure;

  private LaneState state = LaneState.RELAY;
  private boolean relayToEnd;
  private boolean blocked;
  private boolean paused;
  private long relayedNanos;
  private long droppedBefore;

  DatagramLane(Session session, DatagramLeg source, DatagramLeg target, LanePlan plan) {
    this.session = session;
    this.source = source;
    this.target = target;
    this.loop = session.loop();
    this.counters = new DatagramCounters(plan);
    this.turn = new Coalesced(loop::execute, this::move);
    this.again = new Coalesced(loop::retry, this::move);
    this.relayToEnd = !plan.inKernel();
    this.relayedNanos = System.nanoTime();
    this.enrolment = new DatagramEnrolment(this, counters);
    this.lag = new DatagramLag(this);
    this.stream = source.keepsBoundaries() ? null : new StreamSource(this, session.framing());
    this.carrier = stream == null ? Carrier.of(this) : stream.cutter();
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

  /// Bytes of length in front of each message.
  int header() {
    return session.framing().header();
  }

  int longest() {
    return target.outlet().longest(session.framing());
  }

  boolean wantsInput() {
    return state == LaneState.RELAY && !blocked;
  }

  boolean wantsOutput() {
    return blocked;
  }

  void start() {
    if (!session.isConnected()) {
      target.outlet().raise(session.options().sendBuffer());
    }
    Arrivals arrivals = source.arrivals();
    if (arrivals != null) {
      arrivals.listen(() -> loop.execute(this::arrived));
      if (arrivals.mayStray()) {
        settle(arrivals);
      }
    }
    move();
  }

  /// Stays out of the kernel until the source can receive nothing but its client's datagrams: the
  /// program would not see whose they are.
  ///
  /// The kernel looks a socket up and queues the datagram in one RCU section, so what was looked up
  /// before the connect is queued when a grace period is over; user space then takes it out.
  private void settle(Arrivals arrivals) {
    paused = true;
    loop.afterVerdicts(
        () -> {
          arrivals.allQueued(source.queued());
          resume();
        },
        reason -> {
          relayToEnd = true;
          counters.relayedFor(reason);
          session.relayed(this, reason, false);
        });
  }

  /// Something came by another socket. Where the lane is in the kernel it was late, and may
  /// overtake.
  private void arrived() {
    if (state != LaneState.KERNEL) {
      move();
    } else if (target.isDatagram() && carrier instanceof DatagramCarrier late) {
      late.overtake();
    } else {
      lag.recover();
    }
  }

  /// Moves what there is until the source runs dry, the target is full, or it is somebody else's
  /// turn.
  void move() {
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
          if (++relayedInARow >= BULK && (stream == null || stream.mayLag())) {
            enrolIfMay();
          }
        }
        case DRY -> {
          source.dry();
          enrolIfMay();
        }
        case ENDED -> ended();
        case FULL -> {
          if (!target.isWatched()) {
            again.ask();
          }
        }
        case FAILED -> {}
      }
      if (carried != Carrier.Carried.MORE) {
        session.updateInterest();
        return;
      }
    }
    turn.ask();
  }

  /// Whether the kernel cuts a stream here, or may yet.
  boolean isCutInKernel() {
    return stream != null && !relayToEnd;
  }

  /// Whether the kernel is to have the lane now, if its source lets it.
  boolean mayEnrol() {
    return !relayToEnd && !paused && !source.mayStray() && (stream == null || !stream.hasEnded());
  }

  private void enrolIfMay() {
    if (mayEnrol()
        && state == LaneState.RELAY
        && (stream == null || stream.cutter().isAtBoundary())) {
      enrol();
    }
  }

  void enrol() {
    int result = enrolment.enter();
    if (result < 0) {
      state = LaneState.RELAY;
      relayToEnd = true;
      turn.ask();
      String reason = Enrolment.refusal(result);
      if (lag.redirectedSkbs() == 0) {
        counters.relayedFor(reason);
      }
      // A stream that has ended is no failure: what it sent is relayed, and that is all.
      session.relayed(this, reason, stream != null && result == -Errno.EOPNOTSUPP);
      return;
    }
    if (source.isDatagram()) {
      counters.overflow(source.newDrops());
    }
    relayedInARow = 0;
    state = LaneState.KERNEL;
    if (stream != null && stream.isParsed()) {
      stream.kick();
    } else if (lag.lag() > 0) {
      loop.watchLag(lag);
    }
  }

  /// The socket at one end of this lane had an error that may pass. It has stopped the backlog
  /// worker of that socket for good (sk_psock_backlog), so it leaves the maps for a while.
  void pause(boolean targetFailed) {
    if (state == LaneState.LEAVING && targetFailed && enrolment.isPresent()) {
      enrolment.evictTarget();
    }
    boolean entered = state == LaneState.KERNEL || state == LaneState.PAUSED;
    if (entered) {
      if (targetFailed) {
        enrolment.evictTarget();
      }
      if (stream == null || !stream.isParsed()) {
        enrolment.evictSource();
        account();
        state = LaneState.RELAY;
      } // else its parser stops as soon as it finds no target
    }
    if (!paused && (entered || state == LaneState.RELAY)) {
      paused = true;
      loop.later(this::resume, PAUSE_NANOS, TimeUnit.NANOSECONDS);
      turn.ask();
    }
  }

  /// The session is being undone: nothing more is taken from the source.
  void leave(DatagramDeparture by) {
    LaneState before = state;
    state = LaneState.LEAVING;
    departure = by;
    by.begin(before);
  }

  /// Tries again shortly.
  void retry() {
    again.ask();
  }

  /// Waits for room at the target, or no longer.
  void block(boolean now) {
    blocked = now;
    session.updateInterest();
    if (now && !target.isWatched()) {
      again.ask();
    }
  }

  private void resume() {
    paused = false;
    if (state == LaneState.KERNEL) {
      enrolment.enrolTarget();
    }
    move();
  }

  /// Goes on in user space.
  void relay() {
    account();
    state = LaneState.RELAY;
    move();
  }

  /// Everything that came from a stream is in the target's socket.
  void ended() {
    state = LaneState.ENDED;
    session.laneEnded(this);
  }

  /// Nothing more can be given to the target's peer, or is to be; the sender is told.
  void cut() {
    if (state == LaneState.RELAY) {
      state = LaneState.ENDED;
      blocked = false;
      source.shutdownRead();
    }
  }

  /// The stream's peer has sent its last byte.
  void sourceEnded() {
    if (stream != null) {
      stream.ended();
    }
    session.updateInterest();
  }

  /// The program has stopped the source, or asks for that.
  void stopped() {
    if (stream != null && state == LaneState.KERNEL && enrolment.slot().isStopped()) {
      stream.stopped();
    }
  }

  void become(LaneState next) {
    state = next;
  }

  DatagramEnrolment enrolment() {
    return enrolment;
  }

  DatagramLag lag() {
    return lag;
  }

  @Nullable StreamSource stream() {
    return stream;
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

  /// When something was moved last, by [System#nanoTime()].
  long lastNanos() {
    long kernel = enrolment.counter(DatagramLayout.LAST_NANOS);
    return kernel == 0 || relayedNanos - kernel > 0 ? relayedNanos : kernel;
  }

  /// Sees which of the source's drops are the program's, which it has counted by reason. The
  /// others, while it is in the maps, were on their way *to* this socket.
  void account() {
    if (!source.isDatagram()) {
      return;
    }
    long fresh = source.newDrops();
    if (!enrolment.isPresent()) {
      counters.overflow(fresh);
      return;
    }
    long dropped = enrolment.slot().dropped() + source.caught(enrolment.slot());
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
    enrolment.release();
  }

  LaneStats stats() {
    return counters.stats();
  }

  @Override
  public String toString() {
    return source + " -> " + target;
  }
}
