package dev.fid.splice;

import dev.fid.os.Errno;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One direction of a splice: takes from its source, gives to its target.
///
/// ```
///            enrol, gate shut           all passed bytes consumed
///   RELAY ----------------------> PUMP ---------------------------> KERNEL
///     |  ^                        ^ |                                 | |
///     |  |                        | |       the gate shut             | |
///     |  |                        +-|---------------------------------+ |
///     |  |                          |                                   |
///     |  +------- RECOVERING <------|------- skbs lag (UNIX) -----------+
///     |                             |                                   |
///     | EOF                         | EOF, nothing pending              | EOF
///     +------------+----------------+-----------------------------------+
///                  v
///               DRAINING --- the target's backlog is empty ---> ENDED
/// ```
///
/// A UNIX source goes from RELAY to KERNEL at once, when it has nothing queued: it is never gated. Everything here runs on
/// the splice's loop; only [#stats()] may be called from any thread.
final class Lane {
  /// Where a lane stands.
  enum State {
    /// User space moves the bytes; no verdict runs.
    RELAY,
    /// The gate is shut: the pump consumes what the verdict passes.
    PUMP,
    /// The gate is open: user space has nothing to do.
    KERNEL,
    /// A source that lags was evicted; waiting until the verdicts under way and the backlog are through.
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

  final Splice splice;
  final Leg source;
  final Leg target;
  private final SpliceLoop loop;
  private final Runnable moveTask = this::move;

  private LanePlan plan;
  private State state = State.RELAY;
  private @Nullable Gate gate;
  private @Nullable Mover mover;
  private boolean eof;
  private boolean blocked;
  private boolean awaitingBacklog;
  private boolean moveScheduled;
  private long cutAt = Long.MAX_VALUE;
  private volatile long pumpBytes;
  private volatile long relayBytes;
  private volatile long lostSkbs;
  private volatile @Nullable LaneStats finalStats;

  Lane(Splice splice, Leg source, Leg target, LanePlan plan) {
    this.splice = splice;
    this.source = source;
    this.target = target;
    this.loop = splice.loop();
    this.plan = plan;
  }

  State state() {
    return state;
  }

  /// The events that the source's registration must ask for, for this lane's sake.
  boolean wantsInput() {
    return (state == State.RELAY || state == State.PUMP) && !awaitingBacklog && !blocked;
  }

  /// The same for the target's registration.
  boolean wantsOutput() {
    return blocked;
  }

  /// The handover: see each family's way in the comments of [#enrol()].
  void start() {
    if (plan.inKernel() && source.isGated()) {
      enrol();
    }
    move();
  }

  /// Puts the sockets into the maps.
  ///
  /// TCP: with the gate shut, and then SO_RCVLOWAT calls the socket's data-ready (tcp_set_rcvlowat), so that the verdict
  /// runs over all that is queued, in order. UNIX: with the gate open, once nothing is queued; data-ready takes one skb a
  /// call there, so what arrives between the last read and the enrolment stays one behind until it is recovered.
  private void enrol() {
    SpliceMaps maps = loop.maps();
    boolean gated = source.isGated();
    int result;
    if (gate != null) {
      result = maps.enrolSource(gate, source.descriptor());
    } else {
      Gate claimed = maps.claim(this, source.cookie(), splice.options().backlog(), gated);
      if (claimed == null) {
        splice.kernelRefused(this, "every lane in the kernel is taken");
        return;
      }
      target.raiseSendBuffer(splice.options().sendBuffer());
      result = maps.enrol(claimed, source.descriptor(), target.descriptor());
      if (result < 0) {
        maps.release(claimed);
      } else {
        gate = claimed;
      }
    }
    if (result < 0) {
      splice.kernelRefused(this, "enrol: " + Errno.name(-result) + " (" + Errno.text(-result) + ")");
      return;
    }
    if (gated) {
      state = State.PUMP;
      source.kick();
    } else {
      state = State.KERNEL;
      releaseMover();
      if (source.queued() > 0) {
        loop.watchLag(this);
      }
    }
  }

  /// The kernel will not carry this lane: it is relayed to its end.
  void relayFor(String reason) {
    plan = new LanePlan.Relayed(reason);
  }

  /// Moves what there is until the source runs dry, the target is full, or it is somebody else's turn.
  void move() {
    moveScheduled = false;
    for (int turn = 0; turn < TURNS; turn++) {
      if ((state != State.RELAY && state != State.PUMP) || awaitingBacklog || !flush() || settled()) {
        return;
      }
      Mover carrier = mover();
      if (carrier == null) {
        return;
      }
      long taken = carrier.fill(source.descriptor());
      if (taken > 0) {
        continue;
      }
      releaseMover();
      if (taken == 0) {
        sourceAtEnd();
      } else if (taken == -Errno.EAGAIN) {
        sourceDry();
      } else if (taken != -Errno.EINTR) {
        source.failed((int) -taken);
      }
      if (taken != -Errno.EINTR) {
        splice.updateInterest();
        return;
      }
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
        if (!blocked) {
          blocked = true;
          splice.updateInterest();
        }
        return false;
      } else if (given != -Errno.EINTR) {
        splice.abort("write to " + target + ": " + Errno.name((int) -given));
        return false;
      }
    }
    if (blocked) {
      blocked = false;
      splice.updateInterest();
    }
    return true;
  }

  private void count(long given) {
    if (state == State.PUMP) {
      pumpBytes += given;
      gate().consumed(given);
    } else {
      relayBytes += given;
    }
  }

  /// With nothing held: opens the gate, enrols or ends the lane if it is time to.
  private boolean settled() {
    if (state == State.PUMP) {
      if (cutAt != Long.MAX_VALUE && pumpBytes >= cutAt) {
        finish();
        return true;
      }
      if (gate().pending() > 0) {
        return false;
      }
      if (eof) {
        finish();
        return true;
      }
      if (gate().tryOpen()) {
        state = State.KERNEL;
        releaseMover();
        splice.updateInterest();
        return true;
      }
      return false;
    }
    if (cutAt != Long.MAX_VALUE) {
      finish();
      return true;
    }
    if (plan.inKernel() && !eof && relayBytes >= BULK_BYTES) {
      enrol();
      splice.updateInterest();
      return state != State.RELAY;
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
    } else if (plan.inKernel() && !eof) {
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
      case KERNEL -> {
        if (source.isGated()) {
          // The FIN can be seen before the verdict has run over the data that came with it (tcp_data_queue).
          source.kick();
          if (gate().isOpen()) {
            finish();
          } else {
            gateShut();
          }
        } else if (source.queued() > 0) {
          recover();
        } else {
          finish();
        }
      }
      case RECOVERING, DRAINING, ENDED -> {}
    }
    splice.updateInterest();
  }

  /// The program has shut the gate and said so.
  void gateShut() {
    if (state == State.KERNEL && !gate().isOpen()) {
      state = State.PUMP;
      awaitBacklog();
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
              awaitBacklog();
            }
          });
    }
  }

  boolean awaitsBacklog() {
    return awaitingBacklog;
  }

  private void awaitBacklog() {
    awaitingBacklog = true;
    loop.backlogs().await(this);
  }

  /// What the kernel held for the target has gone; `gone`: the target has left the map.
  void backlogEmpty(boolean gone) {
    awaitingBacklog = false;
    switch (state) {
      case PUMP -> {
        splice.updateInterest();
        move();
      }
      case RECOVERING -> {
        state = State.RELAY;
        splice.updateInterest();
        move();
      }
      case DRAINING -> drained();
      case RELAY, KERNEL, ENDED -> {}
    }
    if (gone) {
      LOG.debug("{}: target has left its map", this);
    }
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
      case KERNEL, RECOVERING -> {
        loop.maps().evictSource(gate());
        finish();
      }
      case DRAINING, ENDED -> {}
    }
  }

  /// Everything from the source is in the target's socket or in its backlog.
  private void finish() {
    boolean inBacklog = state == State.KERNEL || state == State.RECOVERING;
    state = State.DRAINING;
    releaseMover();
    if (inBacklog) {
      awaitBacklog();
    } else {
      drained();
    }
  }

  private void drained() {
    state = State.ENDED;
    if (lost()) {
      splice.abort("skbs on their way to " + target + " were lost when its peer half-closed: " + lostSkbs);
    } else {
      splice.laneEnded(this);
    }
  }

  /// A UNIX peer that half-closes takes its other end out of the maps, and what waited there is dropped (sock_map_unhash).
  private boolean lost() {
    if (gate != null && target.endpoint().family() == Family.UNIX_STREAM) {
      lostSkbs = Math.max(0, target.drops());
    }
    return lostSkbs > 0;
  }

  private Gate gate() {
    Gate present = gate;
    if (present == null) {
      throw new IllegalStateException(this + " has no gate");
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
    if (state != State.ENDED && lost()) {
      LOG.warn("{}: {} skbs that waited for the target were lost", this, lostSkbs);
    }
    finalStats = stats();
    state = State.ENDED;
    blocked = false;
    awaitingBacklog = false;
    releaseMover();
    if (gate != null) {
      loop.maps().release(gate);
    }
  }

  /// The counters now, or for ever once the lane was released.
  LaneStats stats() {
    LaneStats last = finalStats;
    if (last != null) {
      return last;
    }
    Gate shared = gate;
    if (shared == null) {
      return new LaneStats(plan, 0, pumpBytes, relayBytes, 0, 0, 0, 0, 0, lostSkbs, 0);
    }
    return new LaneStats(
        plan,
        shared.counter(LaneLayout.REDIRECTED_BYTES),
        pumpBytes,
        relayBytes,
        shared.counter(LaneLayout.REDIRECTED_SKBS),
        shared.counter(LaneLayout.PASSED_SKBS),
        shared.counter(LaneLayout.CLOSINGS),
        shared.counter(LaneLayout.NO_TARGET_SKBS),
        shared.counter(LaneLayout.REFUSED_SKBS),
        lostSkbs,
        shared.counter(LaneLayout.MAX_BACKLOG));
  }

  @Override
  public String toString() {
    return source + " -> " + target;
  }
}
