package dev.fid.splice;

import dev.fid.os.Errno;
import org.jspecify.annotations.Nullable;

/// A lane's place in the maps: its gate, its source and its target, from the first enrolment to the
/// end of the lane.
///
/// The source may leave and come back; the target stays. Belongs to its lane.
final class Enrolment {
  private final Lane lane;
  private final LaneCounters counters;
  private @Nullable Gate gate;

  Enrolment(Lane lane, LaneCounters counters) {
    this.lane = lane;
    this.counters = counters;
  }

  /// Puts the sockets into the maps: 0, or -errno. ENOSPC: every lane in the kernel is taken;
  /// EOPNOTSUPP: the peer of one of the sockets has sent its FIN.
  int enter(SpliceMaps maps, SpliceOptions options) {
    Gate present = gate;
    return present != null
        ? maps.enrolSource(present, lane.source.descriptor())
        : enterFirst(maps, options);
  }

  /// Why the kernel will not have them, in words.
  static String refusal(int result) {
    return result == -Errno.ENOSPC
        ? "every lane in the kernel is taken"
        : "enrol: " + Errno.name(-result) + " (" + Errno.text(-result) + ")";
  }

  private int enterFirst(SpliceMaps maps, SpliceOptions options) {
    StreamLeg source = lane.source;
    StreamLeg target = lane.target;
    Gate claimed = maps.claim(lane, source.cookie(), options.backlog(), source.laneFlags());
    if (claimed == null) {
      return -Errno.ENOSPC;
    }
    int result = maps.enrol(claimed, source.descriptor(), target.descriptor());
    if (result < 0) {
      maps.release(claimed);
    } else {
      gate = claimed;
      counters.share(claimed);
    }
    return result;
  }

  /// Whether the lane has a gate: its source is enrolled, or was.
  boolean isPresent() {
    return gate != null;
  }

  /// The gate of a lane that is or was enrolled.
  Gate gate() {
    Gate present = gate;
    if (present == null) {
      throw new IllegalStateException(lane + " is not enrolled");
    }
    return present;
  }

  /// Skbs that waited for the target and were dropped: a UNIX peer that half-closes takes its other
  /// end out of the maps (sock_map_unhash).
  long lostSkbs() {
    StreamLeg target = lane.target;
    return isPresent() && target.endpoint().family() == Family.UNIX_STREAM ? target.drops() : 0;
  }

  /// Whether the kernel has dropped what waited for the target; then the splice ends here.
  boolean hasLost() {
    boolean lost = counters.lost(lostSkbs());
    if (lost) {
      lane.splice.abort(
          "bytes on their way to " + lane.target + " were lost when its peer half-closed");
    }
    return lost;
  }

  /// Gives the slot back, if there is one.
  ///
  /// @param evict whether the sockets stay open, so that closing does not take them out of the maps
  void release(SpliceLoop loop, boolean evict) {
    if (isPresent()) {
      if (evict) {
        loop.maps().evict(gate());
      }
      loop.maps().release(gate());
    }
  }
}
