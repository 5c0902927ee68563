package dev.fid.splice;

/// Datagrams that a lane has dropped, by reason; a stream's lane has none.
///
/// @param overload the target's backlog was at its limit, or what waits for its session was
/// @param tooLong longer than the target takes, or than its length can tell
/// @param empty of length 0, which a redirect cannot carry
/// @param unreachable nobody receives at the target (ECONNREFUSED and its like)
/// @param noMemory the kernel could not put the datagram in one piece
/// @param overflow the source's receive buffer was full, or a checksum was wrong
public record DatagramDrops(
    long overload, long tooLong, long empty, long unreachable, long noMemory, long overflow) {
  static final DatagramDrops NONE = new DatagramDrops(0, 0, 0, 0, 0, 0);

  /// All of them.
  public long sum() {
    return overload + tooLong + empty + unreachable + noMemory + overflow;
  }

  DatagramDrops plus(DatagramDrops other) {
    return new DatagramDrops(
        overload + other.overload,
        tooLong + other.tooLong,
        empty + other.empty,
        unreachable + other.unreachable,
        noMemory + other.noMemory,
        overflow + other.overflow);
  }
}
