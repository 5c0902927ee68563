package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// What the verdict program knows of one lane of datagrams, and counts for it, in memory shared
/// with it. The counters may be read from any thread.
final class DatagramSlot {
  private static final VarHandle WORD = JAVA_LONG.varHandle();
  private static final VarHandle NUMBER = JAVA_INT.varHandle();

  private final MemorySegment lane;
  private final int number;
  private final Family source;

  /// A view of one entry of the `lanes` map, for a lane out of this kind of socket.
  DatagramSlot(MemorySegment lane, int number, Family source) {
    this.lane = lane;
    this.number = number;
    this.source = source;
  }

  /// Writes a fresh lane into the slot: counters at zero.
  ///
  /// @param limit of the target's backlog, skbs; 0: none
  /// @param longest datagram that the target takes, bytes
  /// @param header bytes of length to put in front of each
  /// @param flags of [DatagramLayout]
  /// @param waits the longest message for whose end a parser waits, bytes
  void prepare(long cookie, int limit, int longest, int header, int flags, int waits) {
    lane.fill((byte) 0);
    lane.set(JAVA_INT, DatagramLayout.LIMIT, limit);
    lane.set(JAVA_INT, DatagramLayout.LONGEST, longest);
    lane.set(JAVA_INT, DatagramLayout.HEADER, header);
    lane.set(JAVA_INT, DatagramLayout.FLAGS, flags);
    lane.set(JAVA_INT, DatagramLayout.SLOT, number);
    lane.set(JAVA_INT, DatagramLayout.WAITS, waits);
    WORD.setVolatile(lane, DatagramLayout.COOKIE, cookie);
  }

  /// The cookie of the socket that takes what has to take the detour; 0: none.
  void detour(long cookie) {
    lane.set(JAVA_LONG, DatagramLayout.DETOUR, cookie);
  }

  int number() {
    return number;
  }

  Family source() {
    return source;
  }

  /// Says that the source is at the boundary of a message, and may run. Called while it is in no
  /// map.
  void run() {
    lane.set(JAVA_INT, DatagramLayout.STAGE, DatagramLayout.AT_HEADER);
    NUMBER.setVolatile(lane, DatagramLayout.STOP, DatagramLayout.RUNNING);
  }

  /// Whether the program has stopped the source, or asks for that.
  boolean isStopped() {
    return (int) NUMBER.getVolatile(lane, DatagramLayout.STOP) == DatagramLayout.STOPPED;
  }

  /// The length of the message whose header the program has taken off and whose payload it has not;
  /// -1: there is none.
  long expected() {
    return lane.get(JAVA_INT, DatagramLayout.STAGE) == DatagramLayout.AT_PAYLOAD
        ? Integer.toUnsignedLong(lane.get(JAVA_INT, DatagramLayout.EXPECTED))
        : -1;
  }

  long cookie() {
    return lane.get(JAVA_LONG, DatagramLayout.COOKIE);
  }

  /// One of the counters of [DatagramLayout].
  long counter(long offset) {
    return (long) WORD.getOpaque(lane, offset);
  }

  /// Skbs that the verdict has dropped; the kernel counts them among the source's drops.
  long dropped() {
    return counter(DatagramLayout.OVERLOAD_SKBS)
        + counter(DatagramLayout.TOO_LONG_SKBS)
        + counter(DatagramLayout.EMPTY_SKBS)
        + counter(DatagramLayout.NO_TARGET_SKBS)
        + counter(DatagramLayout.NO_MEMORY_SKBS)
        + counter(DatagramLayout.REFUSED_SKBS);
  }
}
