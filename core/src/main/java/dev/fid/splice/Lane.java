package dev.fid.splice;

import dev.fid.os.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One direction of a splice: takes from its source, gives to its target.
///
/// ```
///                       enrol                  the gate shut
///   RELAY ----------------------------> KERNEL -------------> PUMP
///     ^ |                                 | | <-------------- | |
///     | |                   skbs lag      | |  all passed bytes | given
///     | +---- RECOVERING <---- (UNIX) ----+ |                   |
///     |           |                         |                   |
///     +-----------+                         |                   |
///     | EOF                                 | EOF               | EOF, nothing pending
///     +-------------------------------------+-------------------+
///                                           v
///                  DRAINING --- the target's backlog is empty ---> ENDED
/// ```
///
/// A TCP source may be PAUSED by the kernel in place of a shut gate: it comes back to KERNEL when
/// the target's backlog is low, or, if it has ended, is RECOVERING until it is empty. A UNIX source
/// pushes back by itself and is not gated. Runs on the splice's loop; only [#stats()] is for any
/// thread.
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /// Fills without a pause before other connections get their turn.
  private static final int TURNS = 16;

  /// More than any receive buffer: reached only when both targets stand still.
  private static final long MAX_PENDING = 64L << 20;

  final Splice splice;
  final Leg source;
  final Leg target;
  private final SpliceLoop loop;
  private final LaneCounters counters;
  private final Relay relay;
  private final Enrolment enrolment;
  private final Runnable moveTask = this::move;

  private LaneState state = LaneState.RELAY;
  private boolean eof;
  private boolean blocked;
  private boolean relayToEnd;
  private boolean moveScheduled;
  private boolean awaitingBacklog;
  private boolean retrying;
  private long cutAt = Long.MAX_VALUE;

  Lane(Splice splice, Leg source, Leg target, LanePlan plan) {
    this.splice = splice;
    this.source = source;
    this.target = target;
    this.loop = splice.loop();
    this.counters = new LaneCounters(plan);
    this.relay = new Relay(this, loop.movers(), counters);
    this.enrolment = new Enrolment(this, counters);
    this.relayToEnd = !plan.inKernel();
  }

  LaneState state() {
    return state;
  }

  /// Whether the source's registration must ask for input, for this lane's sake.
  boolean wantsInput() {
    return (state == LaneState.RELAY || state == LaneState.PUMP) && !awaitingBacklog && !blocked;
  }

  /// Whether the target's registration must ask for output.
  boolean wantsOutput() {
    return blocked;
  }

  /// The handover.
  void start() {
    if (!relayToEnd) {
      // Before the first byte: a relay that waits for its target never finds its source dry.
      target.raiseSendBuffer(splice.options().sendBuffer());
      if (source.isGated()) {
        enrol();
      }
    }
    move();
  }

  /// Puts the sockets into the maps.
  ///
  /// TCP: SO_RCVLOWAT calls the socket's data-ready (tcp_set_rcvlowat), so that the verdict runs
  /// over all that was queued before, in order. UNIX: once nothing is queued; data-ready takes one
  /// skb a call there, so what arrives between the last read and the enrolment stays one behind
  /// until it is recovered.
  private void enrol() {
    int result = enrolment.enter(loop.maps(), splice.options());
    if (result < 0) {
      relayToEnd = true;
      String reason = Enrolment.refusal(result);
      counters.relayedFor(reason);
      // A socket that has ended is no failure: what it sent is relayed, and that is all.
      splice.relayed(this, reason, result == -Errno.EOPNOTSUPP);
      return;
    }
    state = LaneState.KERNEL;
    relay.release();
    if (source.isGated()) {
      source.kick();
    } else if (source.queued() > 0) {
      loop.watchLag(new StreamLag(this));
    }
  }

  /// Moves what there is until the source runs dry, the target is full, or it is somebody else's
  /// turn.
  void move() {
    moveScheduled = false;
    for (int turn = 0; turn < TURNS; turn++) {
      boolean more =
          switch (state) {
            case RELAY -> relay();
            case PUMP -> !awaitingBacklog && pump();
            case KERNEL, PAUSED, RECOVERING, DRAINING, ENDED -> false;
          };
      if (!more) {
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

  /// One turn of the relay; whether there may be more to do.
  private boolean relay() {
    boolean mayEnrol = !relayToEnd && !eof;
    Relay.Carried carried = relay.carry(cutAt == Long.MAX_VALUE, mayEnrol);
    blocked = carried == Relay.Carried.FULL;
    switch (carried) {
      case DRY -> {
        if (mayEnrol) {
          enrol();
        }
      }
      case ENDED -> finish();
      case MORE, FULL, WAITING, FAILED -> {}
    }
    return state == LaneState.RELAY
        && (carried == Relay.Carried.MORE || (carried == Relay.Carried.DRY && mayEnrol));
  }

  /// Carries what the verdict passed, and opens the gate when that was all; whether there may be
  /// more to do.
  private boolean pump() {
    long pending = gate().pending();
    if (counters.pumped() >= cutAt || (eof && pending == 0)) {
      finish();
      return false;
    }
    Pump.Carried carried = loop.pump().carry(this, gate(), counters, pending, !eof);
    blocked = carried == Pump.Carried.FULL;
    switch (carried) {
      case OPENED -> state = LaneState.KERNEL;
      case HIDDEN -> {
        retry();
        stillWaiting();
      }
      case MORE, FULL, FAILED -> {}
    }
    return carried == Pump.Carried.MORE;
  }

  /// The target takes nothing any more, for this -errno.
  void targetFailed(long error) {
    splice.abort("write to " + target + ": " + Errno.name((int) -error));
  }

  /// Looks again soon: an event may come before, or not at all.
  private void retry() {
    if (!retrying) {
      retrying = true;
      loop.retry(() -> {
        retrying = false;
        move();
      });
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
      case PAUSED, RECOVERING, DRAINING, ENDED -> {}
    }
    splice.updateInterest();
  }

  private void endInKernel() {
    if (source.isGated()) {
      // The FIN can be seen before the verdict has run over the data that came with it
      // (tcp_data_queue).
      source.kick();
      pushedBack();
      if (state == LaneState.KERNEL) {
        finish();
      }
    } else if (source.queued() > 0) {
      recover();
    } else {
      finish();
    }
  }

  /// The program has shut the gate or paused the source, and said so.
  void pushedBack() {
    if (state == LaneState.KERNEL && (!gate().isOpen() || gate().isPaused())) {
      state = gate().isOpen() ? LaneState.PAUSED : LaneState.PUMP;
      awaitBacklog();
    }
  }

  /// How low the target's backlog has to be before the lane goes on. What comes back from a pause
  /// may queue behind what is there; nothing else may.
  int lowBacklog() {
    return state == LaneState.PAUSED ? splice.options().backlog() / 2 : 0;
  }

  private void resume() {
    gate().resume();
    int result = enrolment.enter(loop.maps(), splice.options());
    if (result == 0) {
      state = LaneState.KERNEL;
      source.kick();
    } else {
      // Its FIN has come: the kernel takes no more of it.
      relayToEnd = true;
      state = LaneState.RECOVERING;
      awaitBacklog();
    }
  }

  /// Skbs lag behind, and the source is quiet: takes them out in order, and enrols again.
  void recover() {
    if (state == LaneState.KERNEL) {
      state = LaneState.RECOVERING;
      loop.maps().evictSource(gate());
      loop.afterVerdicts(
          () -> {
            if (state == LaneState.RECOVERING) {
              awaitBacklog();
            }
          },
          splice::abort);
    }
  }

  boolean awaitsBacklog() {
    return awaitingBacklog;
  }

  /// The backlog that the lane waits for does not go down. Bytes that were passed behind the other
  /// lane's backlog are charged to nobody, so their number has to end somewhere.
  void stillWaiting() {
    if (state == LaneState.PUMP && gate().pending() > MAX_PENDING) {
      splice.abort("both sides send and neither reads: too many bytes of " + this + " wait");
    }
  }

  private void awaitBacklog() {
    awaitingBacklog = true;
    loop.backlogs().await(this);
  }

  /// The target's backlog is empty, or the target has left its map.
  void backlogEmpty() {
    awaitingBacklog = false;
    switch (state) {
      case PAUSED -> resume();
      case RECOVERING -> {
        state = LaneState.RELAY;
        relay.recovered();
        if (!source.isGated() && counters.lost(source.drops())) {
          splice.abort("bytes from " + source + " were lost when it was evicted");
          return;
        }
        move();
      }
      case PUMP -> {
        // Nothing may follow a hole.
        if (!hasLost()) {
          move();
        }
      }
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
        if (!relay.holdsBytes()) {
          finish();
        }
      }
      case PUMP -> {
        cutAt = gate().counter(LaneLayout.PASSED_BYTES);
        move();
      }
      case KERNEL, PAUSED, RECOVERING -> {
        loop.maps().evictSource(gate());
        finish();
      }
      case DRAINING, ENDED -> {}
    }
  }

  /// Everything from the source is in the target's socket or in its backlog.
  private void finish() {
    boolean direct = state == LaneState.RELAY || state == LaneState.PUMP;
    state = LaneState.DRAINING;
    relay.release();
    if (direct) {
      drained();
    } else {
      awaitBacklog();
    }
  }

  private void drained() {
    state = LaneState.ENDED;
    if (!hasLost()) {
      splice.laneEnded(this);
    }
  }

  /// Whether the kernel has dropped what waited for the target; then the splice ends here.
  private boolean hasLost() {
    boolean lost = counters.lost(enrolment.lostSkbs());
    if (lost) {
      splice.abort("bytes on their way to " + target + " were lost when its peer half-closed");
    }
    return lost;
  }

  private Gate gate() {
    return enrolment.gate();
  }

  /// The splice is closing: gives back what the lane holds.
  void release() {
    if (state != LaneState.ENDED && counters.lost(enrolment.lostSkbs())) {
      LOG.warn("{}: skbs that waited for the target were lost", this);
    }
    counters.close();
    state = LaneState.ENDED;
    blocked = false;
    awaitingBacklog = false;
    relay.release();
    enrolment.release(loop);
  }

  /// Its source's, by which the program knows it.
  long cookie() {
    return gate().cookie();
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
