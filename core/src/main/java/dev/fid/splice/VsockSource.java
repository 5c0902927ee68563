package dev.fid.splice;

import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What a lane must know of a source that is a vsock stream.
///
/// Credit returns to the sender as soon as a verdict has run, whatever it says
/// (virtio_transport_read_skb): what is passed holds nobody back, so a vsock source has no gate.
/// What does hold a sender back is a source without verdicts, whose queue is its credit. So the
/// program announces that a target's backlog is at its limit and goes on redirecting, and user
/// space takes the source out of its map.
final class VsockSource {
  private static final MemorySegment NOTHING = MemorySegment.NULL;

  private VsockSource() {}

  /// 1 where bytes wait to be read, else 0. Linux knows SIOCINQ here since 6.17, and the others a
  /// peek.
  static int queued(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Math.max(0, Fds.peek(fd, arena.allocate(1)));
    }
  }

  /// Ends the verdicts on a source that may be busy, and loses nothing.
  ///
  /// A verdict that is under way while its source leaves the map drops its skb
  /// (sk_psock_verdict_recv). Verdicts run under the socket's lock and once SO_RCVLOWAT bytes wait
  /// (vsock_data_ready), and setsockopt takes that lock: when it returns none is under way, and the
  /// next comes when the queue is full to its last byte.
  ///
  /// @param eviction takes the source out of its map
  static void evict(Runnable eviction, int fd) {
    long full = Sockets.vsockBuffer(fd);
    Sockets.setReceiveLowWater(fd, Math.clamp(full, 1, Integer.MAX_VALUE));
    try {
      eviction.run();
    } finally {
      Sockets.setReceiveLowWater(fd, 1);
    }
  }

  /// Whether the peer has closed, and not just ended what it sends: sending nothing fails then
  /// (vsock_connectible_sendmsg).
  static boolean isGone(int fd) {
    return Fds.send(fd, NOTHING) < 0;
  }
}
