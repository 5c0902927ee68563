package dev.fid.splice;

import dev.fid.os.Errno;
import org.jspecify.annotations.Nullable;
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
/// A UNIX source pushes back by itself and is not gated. Runs on the splice's loop; only [#stats()]
/// is for any thread.
final class Lane {
  /// Where a lane stands.
  enum State {
    /// User space moves the bytes; no verdict runs.
    RELAY,
    /// The gate is open: user space has nothing to do.
    KERNEL,
    /// The gate is shut: the pump carries what the verdict passes.
    PUMP,
    /// The source lags and was evicted; waiting until all that was redirected is through.
    RECOVERING,
    /// The source has ended; waiting for the target's backlog.
    DRAINING,
    /// Everything that came has been given to the target's socket.
    ENDED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /// Fills without a pause before other connections get their turn.
  private static final int TURNS = 16;

  /// A UNIX source that never runs dry is enrolled all the same after so many bytes: what is queued
  /// then lags behind until the source is quiet, and is then recovered.
  private static final long BULK_BYTES = 4L << 20;

  private static final int BULK_LAG_BYTES = 16 << 10;

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
  private boolean awaitingBacklog;
  private boolean retrying;
  private long cutAt = Long.MAX_VALUE;
  private long relayedBefore;

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
    return (state == State.RELAY || state == State.PUMP) && !awaitingBacklog && !blocked;
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
  /// TCP: SO_RCVLOWAT calls the socket's data-ready (tcp_set_rcvlowat), so that the verdict runs
  /// over all that was queued before, in order. UNIX: once nothing is queued; data-ready takes one
  /// skb a call there, so what arrives between the last read and the enrolment stays one behind
  /// until it is recovered.
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

  /// Moves what there is until the source runs dry, the target is full, or it is somebody else's
  /// turn.
  void move() {
    moveScheduled = false;
    for (int turn = 0; turn < TURNS; turn++) {
      boolean more =
          switch (state) {
            case RELAY -> relay();
            case PUMP -> !awaitingBacklog && pump();
            case KERNEL, RECOVERING, DRAINING, ENDED -> false;
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

  /// One fill and what can be given of it; whether there may be more to do.
  private boolean relay() {
    if (!flush()) {
      return false;
    }
    if (cutAt != Long.MAX_VALUE) {
      finish();
      return false;
    }
    if (!relayToEnd && !eof && isBulk()) {
      enrol();
      return state == State.RELAY;
    }
    Mover carrier = mover();
    if (carrier == null) {
      return false;
    }
    long taken = carrier.fill(source.descriptor());
    if (taken > 0 || taken == -Errno.EINTR) {
      return true;
    }
    releaseMover();
    if (taken == 0) {
      finish();
    } else if (taken != -Errno.EAGAIN) {
      source.failed((int) -taken);
    } else if (!relayToEnd && !eof) {
      enrol();
      return state == State.RELAY;
    }
    return false;
  }

  /// Whether a source that never runs dry may be enrolled now: a verdict takes an skb off for each
  /// that comes, so a sender that is blocked by what is queued would wait for ever.
  private boolean isBulk() {
    return counters.relayed() - relayedBefore >= BULK_BYTES && source.queued() <= BULK_LAG_BYTES;
  }

  /// Gives what is held; true when nothing is left.
  private boolean flush() {
    Mover carrier = mover;
    while (carrier != null && carrier.held() > 0) {
      long given = carrier.flush(target.descriptor());
      if (given > 0) {
        counters.relayed(given);
      } else if (given != -Errno.EINTR) {
        targetRefused(given);
        return false;
      }
    }
    blocked = false;
    return true;
  }

  private void targetRefused(long error) {
    if (error == -Errno.EAGAIN) {
      blocked = true;
    } else {
      splice.abort("write to " + target + ": " + Errno.name((int) -error));
    }
  }

  /// Carries what the verdict passed, and opens the gate when that was all; whether there may be
  /// more to do.
  private boolean pump() {
    long pending = gate().pending();
    if (counters.pumped() >= cutAt || (eof && pending == 0)) {
      finish();
      return false;
    }
    if (pending == 0) {
      return !opened(0);
    }
    Pump pump = loop.pump();
    long peeked = pump.peek(source.descriptor(), pending);
    if (peeked == 0 || peeked == -Errno.EAGAIN) {
      // The bytes wait behind the other lane's backlog. Even a source at its end says 0 then.
      retry();
      return false;
    }
    if (peeked < 0) {
      source.failed((int) -peeked);
      return false;
    }
    long given = pump.give(target.descriptor(), peeked);
    if (given < 0) {
      targetRefused(given);
      return false;
    }
    counters.pumped(given);
    boolean opened = given == pending && !eof && opened(given);
    if (!opened) {
      gate().consumed(given);
    }
    pump.drop(source.descriptor(), given);
    blocked = given < peeked;
    return !opened && !blocked;
  }

  private boolean opened(long given) {
    boolean opened = gate().tryOpen(given);
    if (opened) {
      state = State.KERNEL;
      blocked = false;
    }
    return opened;
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
      case RECOVERING, DRAINING, ENDED -> {}
    }
    splice.updateInterest();
  }

  private void endInKernel() {
    if (source.isGated()) {
      // The FIN can be seen before the verdict has run over the data that came with it
      // (tcp_data_queue).
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
      loop.afterVerdicts(() -> {
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

  /// The target's backlog is empty, or the target has left its map.
  void backlogEmpty() {
    awaitingBacklog = false;
    switch (state) {
      case RECOVERING -> {
        state = State.RELAY;
        relayedBefore = counters.relayed();
        if (counters.lost(source.drops())) {
          splice.abort("bytes from " + source + " were lost when it was evicted");
          return;
        }
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
      case KERNEL, RECOVERING -> {
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
      awaitBacklog();
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

  /// A UNIX peer that half-closes takes its other end out of the maps, and what waited there is
  /// dropped (sock_map_unhash).
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
      mover = loop.movers().lend(this);
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
    awaitingBacklog = false;
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
