package dev.fid.splice;

import dev.fid.os.Errno;
import org.jspecify.annotations.Nullable;

/// Moves the bytes of a lane whose source is not enrolled: takes into a mover, gives from it.
///
/// Borrows the mover from the loop's pool while bytes are in flight. Belongs to its lane.
final class Relay {
  /// A UNIX source that never runs dry is enrolled all the same after so many bytes in a row: what
  /// is queued then lags behind until the source is quiet, and is recovered. Then it takes four
  /// times as many.
  private static final long BULK_BYTES = 4L << 20;

  /// But not while more than this is queued, half a usual send buffer: a sender that is blocked by
  /// what is queued would be quiet at once.
  private static final int BULK_LAG_BYTES = 96 << 10;

  private final Lane lane;
  private final MoverPool movers;
  private final LaneCounters counters;
  private @Nullable Mover mover;
  private long bulk = BULK_BYTES;
  private long bulkAt = BULK_BYTES;

  Relay(Lane lane, MoverPool movers, LaneCounters counters) {
    this.lane = lane;
    this.movers = movers;
    this.counters = counters;
  }

  /// Whether the source may be enrolled though it never runs dry. A vsock one may not: an skb of
  /// which a part was read would be redirected whole.
  boolean isBulk() {
    return !lane.source.isVsock()
        && counters.relayed() >= bulkAt
        && lane.source.queued() <= BULK_LAG_BYTES;
  }

  /// The source lagged, and is relayed again.
  void recovered() {
    bulk *= 4;
    bulkAt = counters.relayed() + bulk;
  }

  /// Whether bytes were taken that the target has not been given.
  boolean holdsBytes() {
    Mover carrier = mover;
    return carrier != null && carrier.held() > 0;
  }

  /// Gives the target what is held: 0 when nothing is left, or -errno.
  long flush() {
    Mover carrier = mover;
    while (carrier != null && carrier.held() > 0) {
      long given = carrier.flush(lane.target.descriptor());
      if (given > 0) {
        counters.relayed(given);
      } else if (given != -Errno.EINTR) {
        return given;
      }
    }
    return 0;
  }

  /// Whether there is a mover to fill; if not, the lane is called when one comes back.
  boolean hasMover() {
    if (mover == null) {
      mover = movers.lend(lane);
    }
    return mover != null;
  }

  /// Takes from the source: bytes, 0 at its end, or -errno. Only when nothing is held.
  ///
  /// @param ended the source's peer has sent its last byte; a vsock socket in a map says EAGAIN
  ///   then, too (vsock_bpf_recvmsg)
  long fill(boolean ended) {
    Mover carrier = mover;
    if (carrier == null) {
      throw new IllegalStateException(lane + " has no mover");
    }
    long taken = carrier.fill(lane.source.descriptor());
    return ended && taken == -Errno.EAGAIN && lane.source.isVsock() ? 0 : taken;
  }

  /// Gives the mover back; what it still holds is dropped.
  void release() {
    Mover carrier = mover;
    if (carrier != null) {
      mover = null;
      movers.release(carrier);
    }
  }
}
