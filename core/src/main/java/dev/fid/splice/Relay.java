package dev.fid.splice;

import dev.fid.os.Errno;
import org.jspecify.annotations.Nullable;

/// Moves the bytes of a lane whose source is not enrolled: takes into a mover, gives from it.
///
/// Borrows the mover from the loop's pool while bytes are in flight. Belongs to its lane.
final class Relay {
  private final Lane lane;
  private final MoverPool movers;
  private final LaneCounters counters;
  private @Nullable Mover mover;

  Relay(Lane lane, MoverPool movers, LaneCounters counters) {
    this.lane = lane;
    this.movers = movers;
    this.counters = counters;
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
  long fill() {
    Mover carrier = mover;
    if (carrier == null) {
      throw new IllegalStateException(lane + " has no mover");
    }
    return carrier.fill(lane.source.descriptor());
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
