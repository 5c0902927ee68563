package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// The word that says redirect or pass, and the counters beside it, in memory shared with the
/// verdict program.
///
/// The top bit shuts the gate; the rest counts the bytes that were passed and not yet given to the
/// target. The program shuts it, or an [Unsplice], and only the pump opens it, when the target has
/// been given every byte that was passed: what is redirected next cannot overtake. The counters may
/// be read from any thread.
final class Gate {
  private static final VarHandle WORD = JAVA_LONG.varHandle();
  private static final VarHandle NUMBER = JAVA_INT.varHandle();
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
  /// @param limit of the target's backlog, skbs
  /// @param flags of [LaneLayout]: what kind of source it is
  void prepare(long cookie, int limit, int flags) {
    lane.fill((byte) 0);
    lane.set(JAVA_INT, LaneLayout.LIMIT, limit);
    lane.set(JAVA_INT, LaneLayout.FLAGS, flags);
    lane.set(JAVA_INT, LaneLayout.SLOT, slot);
    WORD.setVolatile(lane, LaneLayout.COOKIE, cookie);
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

  /// Whether the kernel has taken the source out of its map.
  boolean isPaused() {
    return (int) NUMBER.getVolatile(lane, LaneLayout.PAUSE) == LaneLayout.PAUSED;
  }

  /// Keeps the kernel from pausing the source until [#resume]: a source that leaves its maps takes
  /// along what had passed. Called while the gate is shut.
  void holdPauses() {
    NUMBER.setVolatile(lane, LaneLayout.PAUSE, LaneLayout.PAUSE_HELD);
  }

  /// The source may be paused, again.
  void resume() {
    NUMBER.setVolatile(lane, LaneLayout.PAUSE, LaneLayout.RUNNING);
  }

  /// Bytes passed and not yet consumed.
  long pending() {
    return (long) WORD.getVolatile(lane, LaneLayout.GATE) & ~PASS;
  }

  /// Says that the pump has given these bytes to the target.
  void consumed(long bytes) {
    WORD.getAndAdd(lane, LaneLayout.GATE, -bytes);
  }

  /// Shuts the gate in the program's stead: verdicts under way may still redirect, all later ones
  /// pass.
  void shut() {
    WORD.getAndBitwiseOr(lane, LaneLayout.GATE, PASS);
  }

  /// Opens the gate if just these bytes are pending, and the program has passed nothing more.
  ///
  /// The target's backlog was empty since the gate shut, and the caller has given it these bytes.
  boolean tryOpen(long given) {
    return WORD.compareAndSet(lane, LaneLayout.GATE, PASS | given, 0L);
  }

  /// One of the counters of [LaneLayout].
  long counter(long offset) {
    return (long) WORD.getOpaque(lane, offset);
  }
}
