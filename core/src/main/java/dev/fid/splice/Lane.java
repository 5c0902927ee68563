package dev.fid.splice;

import dev.fid.os.Errno;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One direction of a splice: takes from its source, gives to its target.
///
/// ```
///            enrol                  backlog at its limit
///   RELAY ----------> KERNEL ------------------------------> THROTTLED
///     ^                | ^ ^ <------------------------------    |
///     |                | | |        backlog low again           | the source has ended
///     |   skbs lag     | | |                                    | and cannot come back
///     |   (UNIX)       | | +--- all passed bytes consumed --- PUMP
///     |                | +----- the gate shut ----------------> |
///     |                v                                        |
///     +----------- RECOVERING <---------------------------------+ (THROTTLED only)
///
///   RELAY, KERNEL, PUMP ---- EOF, nothing pending ----> DRAINING ---- backlog empty ----> ENDED
/// ```
///
/// THROTTLED is how a slow target pushes back: the source is no source for a while, so that its bytes stay in its receive
/// queue and its window closes. The gate is the fallback, where that would lose bytes or came too late. A UNIX source pushes
/// back by itself and is neither throttled nor gated. Runs on the splice's loop; only [#stats()] is for any thread.
final class Lane {
  /// Where a lane stands.
  enum State {
    /// User space moves the bytes; no verdict runs.
    RELAY,
    /// The gate is open: user space has nothing to do.
    KERNEL,
    /// The source is held back until the target's backlog is low.
    THROTTLED,
    /// The gate is shut: the pump consumes what the verdict passes.
    PUMP,
    /// The source was evicted for good or because it lags; waiting until all that was redirected is through.
    RECOVERING,
    /// The source has ended; waiting for the target's backlog.
    DRAINING,
    /// Everything that came has been given to the target's socket.
    ENDED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /// Fills without a pause before other connections get their turn.
  private static final int TURNS = 16;

  /// A UNIX source that never runs dry is enrolled all the same after so many bytes: what is queued then lags behind until
  /// the source is quiet, and is then recovered.
  private static final long BULK_BYTES = 4L << 20;

  private static final int NOT_WAITING = -1;

  /// A throttled source comes back at this part of the limit.
  private static final int LOW_PART = 4;

  final Splice splice;
  final Leg source;
  final Leg target;
  private final SpliceLoop loop;
  private final LaneCounters counters;
  private final Runnable moveTask = this::move;

  private State state = State.RELAY;
  private @Nullable Gate gate;
  private @Nullable Mover mover;
  private boolean eof;
  private boolean blocked;
  private boolean relayToEnd;
  private boolean moveScheduled;
  private int awaitedBacklog = NOT_WAITING;
  private long cutAt = Long.MAX_VALUE;

  Lane(Splice splice, Leg source, Leg target, LanePlan plan) {
    this.splice = splice;
    this.source = source;
    this.target = target;
    this.loop = splice.loop();
    this.counters = new LaneCounters(plan);
    this.relayToEnd = !plan.inKernel();
  }

  State state() {
    return state;
  }

  /// Whether the source's registration must ask for input, for this lane's sake.
  boolean wantsInput() {
    return (state == State.RELAY || state == State.PUMP) && !awaitsBacklog() && !blocked;
  }

  /// Whether the target's registration must ask for output.
  boolean wantsOutput() {
    return blocked;
  }

  /// The handover.
  void start() {
    if (!relayToEnd && source.isGated()) {
      enrol();
    }
    move();
  }

  /// Puts the sockets into the maps.
  ///
  /// TCP: SO_RCVLOWAT calls the socket's data-ready (tcp_set_rcvlowat), so that the verdict runs over all that was queued
  /// before, in order. UNIX: once nothing is queued; data-ready takes one skb a call there, so what arrives between the last
  /// read and the enrolment stays one behind until it is recovered.
  private void enrol() {
    SpliceMaps maps = loop.maps();
    int result;
    if (gate != null) {
      result = maps.enrolSource(gate, source.descriptor());
    } else {
      int limit = splice.options().backlog();
      Gate claimed = maps.claim(this, source.cookie(), limit, source.isGated());
      if (claimed == null) {
        refused("every lane in the kernel is taken");
        return;
      }
      target.raiseSendBuffer(splice.options().sendBuffer());
      result = maps.enrol(claimed, source.descriptor(), target.descriptor());
      if (result < 0) {
        maps.release(claimed);
      } else {
        gate = claimed;
        counters.share(claimed);
      }
    }
    if (result < 0) {
      refused("enrol: " + Errno.name(-result) + " (" + Errno.text(-result) + ")");
      return;
    }
    state = State.KERNEL;
    releaseMover();
    if (source.isGated()) {
      source.kick();
    } else if (source.queued() > 0) {
      loop.watchLag(this);
    }
  }

  /// The kernel will not carry this lane: it is relayed to its end.
  private void refused(String reason) {
    relayToEnd = true;
    counters.relayedFor(reason);
    splice.kernelRefused(this, reason);
  }

  boolean isEnrolled() {
    return gate != null;
  }

  /// Moves what there is until the source runs dry, the target is full, or it is somebody else's turn.
  void move() {
    moveScheduled = false;
    for (int turn = 0; turn < TURNS; turn++) {
      if ((state != State.RELAY && state != State.PUMP) || awaitsBacklog() || !flush() || settled()) {
        return;
      }
      Mover carrier = mover();
      if (carrier == null) {
        return;
      }
      long taken = carrier.fill(source.descriptor());
      if (taken > 0 || taken == -Errno.EINTR) {
        continue;
      }
      releaseMover();
      if (taken == 0) {
        sourceAtEnd();
      } else if (taken == -Errno.EAGAIN) {
        sourceDry();
      } else {
        source.failed((int) -taken);
      }
      splice.updateInterest();
      return;
    }
    moveSoon();
  }

  /// Goes on after other connections had their turn.
  void moveSoon() {
    if (!moveScheduled) {
      moveScheduled = true;
      loop.execute(moveTask);
    }
  }

  /// Gives what is held; true when nothing is left.
  private boolean flush() {
    Mover carrier = mover;
    if (carrier == null) {
      return true;
    }
    while (carrier.held() > 0) {
      long given = carrier.flush(target.descriptor());
      if (given > 0) {
        count(given);
      } else if (given == -Errno.EAGAIN) {
        block(true);
        return false;
      } else if (given != -Errno.EINTR) {
        splice.abort("write to " + target + ": " + Errno.name((int) -given));
        return false;
      }
    }
    block(false);
    return true;
  }

  private void block(boolean now) {
    if (blocked != now) {
      blocked = now;
      splice.updateInterest();
    }
  }

  private void count(long given) {
    if (state == State.PUMP) {
      counters.pumped(given);
      gate().consumed(given);
    } else {
      counters.relayed(given);
    }
  }

  /// With nothing held: opens the gate, enrols or ends the lane if it is time to.
  private boolean settled() {
    if (state == State.PUMP) {
      return pumpSettled();
    }
    if (cutAt != Long.MAX_VALUE) {
      finish();
      return true;
    }
    if (!relayToEnd && !eof && counters.relayed() >= BULK_BYTES) {
      enrol();
      splice.updateInterest();
    }
    return state != State.RELAY;
  }

  private boolean pumpSettled() {
    boolean cutOff = counters.pumped() >= cutAt;
    if (cutOff || (eof && gate().pending() == 0)) {
      finish();
      return true;
    }
    if (gate().tryOpen()) {
      gate().resume();
      state = State.KERNEL;
      releaseMover();
      splice.updateInterest();
      return true;
    }
    return false;
  }

  /// What user space read was the end, unless bytes that were passed still wait behind the other lane's backlog.
  private void sourceAtEnd() {
    if (state == State.RELAY) {
      finish();
    } else if (gate().pending() > 0) {
      loop.retry(this);
    } else {
      eof = true;
      moveSoon();
    }
  }

  private void sourceDry() {
    if (state == State.PUMP) {
      if (eof) {
        loop.retry(this);
      }
    } else if (!relayToEnd && !eof) {
      enrol();
    }
  }

  /// The source's peer has sent its last byte (EPOLLRDHUP).
  void sourceEnded() {
    if (eof) {
      return;
    }
    eof = true;
    switch (state) {
      case RELAY -> move();
      case PUMP -> {
        source.kick();
        move();
      }
      case KERNEL -> endInKernel();
      case THROTTLED, RECOVERING, DRAINING, ENDED -> {}
    }
    splice.updateInterest();
  }

  private void endInKernel() {
    if (source.isGated()) {
      // The FIN can be seen before the verdict has run over the data that came with it (tcp_data_queue).
      source.kick();
      if (gate().isOpen()) {
        finish();
      } else {
        pump();
      }
    } else if (source.queued() > 0) {
      recover();
    } else {
      finish();
    }
  }

  /// The program says that the target's backlog has reached a limit.
  void limitReached() {
    if (state != State.KERNEL) {
      return;
    }
    if (!gate().isOpen()) {
      pump();
    } else if (splice.otherThan(this).isEnrolled()) {
      // Nothing may be passed from here on: passed bytes would be read behind those that stay queued. The kick waits for a
      // verdict that is under way.
      gate().suspend();
      source.kick();
      if (gate().isOpen()) {
        loop.maps().evictSource(gate());
        counters.throttled();
        state = State.THROTTLED;
        awaitBacklog(gate().limit() / LOW_PART);
      } else {
        gate().resume();
        pump();
      }
    }
    // Else the source is in no other map: to evict it would destroy its psock. The gate will shut.
  }

  private void pump() {
    state = State.PUMP;
    awaitBacklog(0);
  }

  private void unthrottle() {
    if (loop.maps().enrolSource(gate(), source.descriptor()) < 0) {
      // A TCP socket whose peer has sent its FIN is refused. What it sent is in its receive queue.
      relayToEnd = true;
      state = State.RECOVERING;
      awaitBacklog(0);
      return;
    }
    gate().resume();
    state = State.KERNEL;
    source.kick();
    if (eof) {
      endInKernel();
    }
  }

  /// Skbs lag behind, and the source is quiet: takes them out in order, and enrols again.
  void recover() {
    if (state == State.KERNEL) {
      state = State.RECOVERING;
      loop.maps().evictSource(gate());
      loop.afterVerdicts(
          () -> {
            if (state == State.RECOVERING) {
              awaitBacklog(0);
            }
          });
    }
  }

  boolean awaitsBacklog() {
    return awaitedBacklog != NOT_WAITING;
  }

  /// The backlog that the lane waits for, skbs.
  int awaitedBacklog() {
    return awaitedBacklog;
  }

  private void awaitBacklog(int skbs) {
    awaitedBacklog = skbs;
    loop.backlogs().await(this);
  }

  /// The target's backlog has come down to what the lane waits for, or the target has left its map.
  void backlogReached() {
    awaitedBacklog = NOT_WAITING;
    switch (state) {
      case THROTTLED -> unthrottle();
      case RECOVERING -> {
        state = State.RELAY;
        move();
      }
      case PUMP -> move();
      case DRAINING -> drained();
      case RELAY, KERNEL, ENDED -> {}
    }
    splice.updateInterest();
  }

  /// Ends the lane with what has come so far: the other lane's EOF ends the connection.
  void cut() {
    switch (state) {
      case RELAY -> {
        cutAt = 0;
        if (mover == null || mover.held() == 0) {
          finish();
        }
      }
      case PUMP -> {
        cutAt = gate().counter(LaneLayout.PASSED_BYTES);
        move();
      }
      case KERNEL, THROTTLED, RECOVERING -> {
        loop.maps().evictSource(gate());
        finish();
      }
      case DRAINING, ENDED -> {}
    }
  }

  /// Everything from the source is in the target's socket or in its backlog.
  private void finish() {
    boolean direct = state == State.RELAY || state == State.PUMP;
    state = State.DRAINING;
    releaseMover();
    if (direct) {
      drained();
    } else {
      awaitBacklog(0);
    }
  }

  private void drained() {
    state = State.ENDED;
    if (counters.lost(lostSkbs())) {
      splice.abort("bytes on their way to " + target + " were lost when its peer half-closed");
    } else {
      splice.laneEnded(this);
    }
  }

  /// A UNIX peer that half-closes takes its other end out of the maps, and what waited there is dropped (sock_map_unhash).
  private long lostSkbs() {
    return gate != null && target.endpoint().family() == Family.UNIX_STREAM ? target.drops() : 0;
  }

  private Gate gate() {
    Gate present = gate;
    if (present == null) {
      throw new IllegalStateException(this + " is not enrolled");
    }
    return present;
  }

  long cookie() {
    return gate().cookie();
  }

  private @Nullable Mover mover() {
    if (mover == null) {
      mover = state == State.PUMP ? loop.movers().forPump(this) : loop.movers().forRelay(this);
    }
    return mover;
  }

  private void releaseMover() {
    Mover carrier = mover;
    if (carrier != null) {
      mover = null;
      loop.movers().release(carrier);
    }
  }

  /// The splice is closing: gives back what the lane holds.
  void release() {
    if (state != State.ENDED && counters.lost(lostSkbs())) {
      LOG.warn("{}: skbs that waited for the target were lost", this);
    }
    counters.close();
    state = State.ENDED;
    blocked = false;
    awaitedBacklog = NOT_WAITING;
    releaseMover();
    if (gate != null) {
      loop.maps().release(gate);
    }
  }

  /// The counters now, or for ever once the lane was released.
  LaneStats stats() {
    return counters.stats();
  }

  @Override
  public String toString() {
    return source + " -> " + target;
  }
}
