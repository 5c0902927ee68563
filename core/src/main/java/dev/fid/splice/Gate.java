package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// The word that says redirect or pass, and the counters beside it, in memory shared with the verdict program.
///
/// The top bit shuts the gate; the rest counts the bytes that were passed and not yet consumed by the pump. The program
/// shuts it, and only the pump opens it, when the word is exactly the top bit: no byte is then on its way through user
/// space, so what is redirected next cannot overtake. The counters may be read from any thread.
final class Gate {
  private static final VarHandle WORD = JAVA_LONG.varHandle();
  private static final VarHandle NUMBER = JAVA_INT.varHandle();

  /// The limits between the one at which the source is held back and the one at which the gate shuts: what still comes
  /// until user space has heard of it, and what was queued when the source comes back.
  private static final int HARD_LIMITS = 4;

  private static final long PASS = Long.MIN_VALUE;

  private final MemorySegment lane;
  private final int slot;

  /// A view of one entry of the `lanes` map.
  Gate(MemorySegment lane, int slot) {
    this.lane = lane;
    this.slot = slot;
  }

  /// Writes a fresh lane into the slot: counters at zero, the gate open.
  ///
  /// @param limit of the target's backlog, skbs; a source that is not gated has none
  void prepare(long cookie, int limit, boolean gated) {
    lane.fill((byte) 0);
    lane.set(JAVA_INT, LaneLayout.LIMIT, limit);
    lane.set(JAVA_INT, LaneLayout.HARD_LIMIT, limit * HARD_LIMITS);
    lane.set(JAVA_INT, LaneLayout.FLAGS, gated ? 0 : LaneLayout.FLAG_UNGATED);
    lane.set(JAVA_LONG, LaneLayout.SLOT, slot);
    WORD.setVolatile(lane, LaneLayout.COOKIE, cookie);
  }

  /// From now on the gate stays as it is; a verdict that is under way may still shut it.
  void suspend() {
    NUMBER.setVolatile(lane, LaneLayout.HARD_LIMIT, Integer.MAX_VALUE);
  }

  /// The limits hold again, and the next time that they are reached is announced.
  void resume() {
    NUMBER.setVolatile(lane, LaneLayout.HARD_LIMIT, lane.get(JAVA_INT, LaneLayout.LIMIT) * HARD_LIMITS);
    NUMBER.setVolatile(lane, LaneLayout.ANNOUNCED, 0);
  }

  /// The limit of the target's backlog, skbs.
  int limit() {
    return lane.get(JAVA_INT, LaneLayout.LIMIT);
  }

  int slot() {
    return slot;
  }

  long cookie() {
    return lane.get(JAVA_LONG, LaneLayout.COOKIE);
  }

  boolean isOpen() {
    return (long) WORD.getVolatile(lane, LaneLayout.GATE) == 0;
  }

  /// Bytes passed and not yet consumed.
  long pending() {
    return (long) WORD.getVolatile(lane, LaneLayout.GATE) & ~PASS;
  }

  /// Says that the pump has given these bytes to the target.
  void consumed(long bytes) {
    WORD.getAndAdd(lane, LaneLayout.GATE, -bytes);
  }

  /// Opens the gate unless the program has passed something meanwhile.
  ///
  /// The caller has seen the target's backlog empty since the gate was shut.
  boolean tryOpen() {
    return WORD.compareAndSet(lane, LaneLayout.GATE, PASS, 0L);
  }

  /// One of the counters of [LaneLayout].
  long counter(long offset) {
    return (long) WORD.getOpaque(lane, offset);
  }
}
