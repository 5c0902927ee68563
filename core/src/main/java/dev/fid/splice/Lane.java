package dev.fid.splice;

import dev.fid.os.Errno;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One direction of a splice: takes from its source, gives to its target. [LaneState] draws how.
///
/// A TCP source may be PAUSED by the kernel in place of a shut gate, and comes back to KERNEL, or,
/// if it has ended or a [BulkTurn] begins, to RECOVERING. A UNIX source pushes back by itself and
/// is not gated; a vsock source is taken out when its target does not keep up ([VsockSource]). Runs
/// on the splice's loop; only [#stats()] is for any thread. An [Unsplice] makes any LEAVING.
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /// Fills without a pause before other connections get their turn.
  private static final int TURNS = 16;

  /// More than any receive buffer: reached only when both targets stand still.
  private static final long MAX_PENDING = 64L << 20;

  final Splice splice;
  final StreamLeg source;
  final StreamLeg target;
  private final SpliceLoop loop;
  private final LaneCounters counters;
  private final Relay relay;
  private final Enrolment enrolment;
  private final BulkTurn bulkTurn;
  private final Coalesced turn;
  private final Coalesced again;

  private LaneState state = LaneState.RELAY;
  private boolean eof;
  private boolean blocked;
  private boolean relayToEnd;
  private boolean awaitingBacklog;
  private long cutAt = Long.MAX_VALUE;
  private @Nullable Departure departure;

  Lane(Splice splice, StreamLeg source, StreamLeg target, LanePlan plan) {
    this.splice = splice;
    this.source = source;
    this.target = target;
    this.loop = splice.loop();
    this.counters = new LaneCounters(plan);
    this.relay = new Relay(this, loop.movers(), counters);
    this.enrolment = new Enrolment(this, counters);
    this.bulkTurn = new BulkTurn(this, counters);
    this.turn = new Coalesced(loop::execute, this::move);
    this.again = new Coalesced(loop::retry, this::move);
    this.relayToEnd = !plan.inKernel();
    relay.hold(source.custody().head());
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
    for (int turn = 0; turn < TURNS; turn++) {
      boolean more =
          switch (state) {
            case RELAY -> relay();
            case PUMP -> !awaitingBacklog && pump();
            case KERNEL, PAUSED, RECOVERING, DRAINING, LEAVING, ENDED -> false;
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
    turn.ask();
  }

  /// One turn of the relay; whether there may be more to do.
  private boolean relay() {
    boolean mayTake = cutAt == Long.MAX_VALUE && departure == null;
    boolean forKernel = mayTake && !relayToEnd && !eof && !bulkTurn.isOn();
    if (forKernel && relay.awaitsSecond()) {
      return false;
    }
    boolean mayEnrol = forKernel && !relay.isFirst();
    if (mayEnrol) {
      // Early: a relay that waits for its target never finds its source dry.
      target.raiseSendBuffer(splice.options().sendBuffer());
      if (source.isGated() && !relay.holdsBytes()) {
        enrol();
        return state == LaneState.RELAY;
      }
    }
    Relay.Carried carried = relay.carry(mayTake, mayEnrol, eof);
    blocked = carried == Relay.Carried.FULL;
    switch (carried) {
      case DRY -> {
        if (mayEnrol) {
          enrol();
        }
      }
      case ENDED -> {
        if (departure == null) finish();
        else depart(departure);
      }
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
        again.ask(); // an event may come before, or not at all
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

  /// The source's peer has sent its last byte (EPOLLRDHUP).
  void sourceEnded() {
    if (eof || state == LaneState.ENDED) {
      splice.sourceEndedAgain(this);
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
      case PAUSED, RECOVERING, DRAINING, LEAVING, ENDED -> {}
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

  /// The program has shut the gate or paused the source, or asks for that (vsock).
  void pushedBack() {
    if (source.isVsock()) {
      recover();
    } else if (state == LaneState.KERNEL && (!gate().isOpen() || gate().isPaused())) {
      state = gate().isOpen() ? bulkTurn.paused() : LaneState.PUMP;
      awaitBacklog();
    }
  }

  /// How low the target's backlog has to be before the lane goes on. What comes back from a pause
  /// may queue behind what is there; nothing else may.
  int lowBacklog() {
    return state == LaneState.PAUSED ? splice.options().backlog() / 2 : 0;
  }

  private void resume() {
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

  /// Skbs lag behind a quiet source, or the target behind a vsock one: relays, and enrols again.
  void recover() {
    if (state == LaneState.KERNEL) {
      state = LaneState.RECOVERING;
      source.evict(gate(), this::recovering);
    }
  }

  private void recovering() {
    if (state == LaneState.RECOVERING) {
      awaitBacklog();
    }
  }

  boolean awaitsBacklog() {
    return awaitingBacklog;
  }

  /// The backlog that the lane waits for does not go down. Bytes that were passed behind the other
  /// lane's backlog are charged to nobody, so their number has to end somewhere.
  void stillWaiting() {
    if (enrolment.isPresent() && gate().pending() > MAX_PENDING) {
      splice.abort("both sides send and neither reads: too many bytes of " + this + " wait");
    }
  }

  void awaitBacklog() {
    if (!awaitingBacklog) {
      awaitingBacklog = true;
      loop.backlogs().await(this);
    }
  }

  /// Takes nothing more from the source, and tells when the target has what was taken.
  void leave(Departure leaving) {
    departure = leaving;
    switch (state) {
      case RELAY -> move();
      case KERNEL, PUMP, PAUSED, LEAVING, ENDED -> depart(leaving);
      case RECOVERING, DRAINING -> {} // until it is relayed, or has ended
    }
    splice.updateInterest();
  }

  private void depart(Departure leaving) {
    LaneState before = state;
    state = state == LaneState.ENDED ? LaneState.ENDED : LaneState.LEAVING;
    relay.release();
    blocked = false;
    leaving.begin(before);
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
        if (!enrolment.hasLost()) {
          move();
        }
      }
      case DRAINING -> drained();
      case LEAVING -> {
        if (departure != null && !enrolment.hasLost()) {
          departure.backlogEmpty();
        }
      }
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
      case DRAINING, LEAVING, ENDED -> {}
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

  void drained() {
    state = LaneState.ENDED;
    if (!enrolment.hasLost()) {
      splice.laneEnded(this);
      if (departure != null) {
        depart(departure);
      }
    }
  }

  Gate gate() {
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
    enrolment.release(loop, splice.outlived());
  }

  /// The key of the target for whose backlog the lane waits: the source's cookie, as a rule.
  long backlogKey() {
    return departure == null ? gate().cookie() : departure.backlogKey();
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
