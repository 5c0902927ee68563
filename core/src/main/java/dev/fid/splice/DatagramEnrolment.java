package dev.fid.splice;

import dev.fid.os.Errno;
import org.jspecify.annotations.Nullable;

/// A session's lane in the kernel's maps: its slot, its source and its target, from the first
/// enrolment to the end of the lane. Belongs to its lane.
final class DatagramEnrolment {
  private final DatagramLane lane;
  private final DatagramCounters counters;
  private @Nullable DatagramSlot slot;
  private boolean noted;

  DatagramEnrolment(DatagramLane lane, DatagramCounters counters) {
    this.lane = lane;
    this.counters = counters;
  }

  private DatagramMaps maps() {
    return lane.session().loop().datagramMaps();
  }

  /// Puts the sockets into the maps: 0, or -errno. ENOSPC: every lane in the kernel is taken.
  int enter() {
    DatagramLeg source = lane.source;
    DatagramSlot present = slot;
    if (present == null) {
      present = maps().claim(source.family(), lane);
      if (present == null) {
        return -Errno.ENOSPC;
      }
      StreamSource stream = lane.stream();
      int waits = stream == null ? 0 : stream.waits();
      present.prepare(source.cookie(), limit(), lane.longest(), lane.header(), flags(), waits);
      slot = present;
      counters.share(present);
    }
    Shared.Receiver receiver = source.receiver();
    if (receiver != null) {
      int result = maps().enrolDetour(present, receiver.detour());
      if (result < 0) {
        return result;
      }
    }
    if (source.family() == Family.UNIX_DATAGRAM && !noted) {
      int result = source.noteReceiver(maps());
      if (result < 0) {
        return result;
      }
      noted = true;
    }
    return maps().enrol(present, source.descriptor(), lane.target.descriptor());
  }

  private int flags() {
    return (lane.target.keepsBoundaries() ? DatagramLayout.FLAG_KEEPS_BOUNDARIES : 0)
        | (lane.source.receiver() != null ? DatagramLayout.FLAG_HAS_DETOUR : 0);
  }

  /// Of the target's backlog; 0: UNIX senders are held back by their own send buffers.
  int limit() {
    return switch (lane.source.family()) {
      case UNIX_STREAM, UNIX_DATAGRAM, UNIX_SEQPACKET -> 0;
      case TCP -> Math.min(lane.session().options().backlog(), StreamSource.MOST_WAITING);
      case UDP, VSOCK -> lane.session().options().backlog();
    };
  }

  /// Whether the source is enrolled, or was.
  boolean isPresent() {
    return slot != null;
  }

  /// Of a lane that is or was enrolled.
  DatagramSlot slot() {
    DatagramSlot present = slot;
    if (present == null) {
      throw new IllegalStateException(lane + " is not enrolled");
    }
    return present;
  }

  /// One of the counters of [DatagramLayout]; 0 where there is none.
  long counter(long offset) {
    DatagramSlot present = slot;
    return present == null ? 0 : present.counter(offset);
  }

  /// What the kernel says of it.
  DatagramMaps.State state() {
    return maps().state(slot());
  }

  void evictSource() {
    if (lane.source.family() == Family.VSOCK) {
      VsockSource.evict(() -> maps().evictSource(slot()), lane.source.descriptor());
    } else {
      maps().evictSource(slot());
    }
  }

  /// Whether the target's worker has failed under a source that may send nothing more for that: a
  /// UNIX sender is held back by what waits for the target.
  boolean isStuck() {
    return lane.state() == LaneState.KERNEL && limit() == 0 && state().backlog() < 0;
  }

  void evictTarget() {
    maps().evictTarget(slot());
  }

  /// Puts a target that had failed in again. Where the kernel does not want it, the source stays
  /// without one, and stops.
  void enrolTarget() {
    int _ = maps().enrolTarget(slot(), lane.target.descriptor());
  }

  /// Gives the slot back, if there is one.
  void release() {
    DatagramSlot present = slot;
    if (present == null) {
      return;
    }
    if (lane.source.receiver() != null || lane.session().outlived()) {
      maps().evictSource(present);
      maps().evictTarget(present);
    }
    if (lane.source.receiver() != null) {
      maps().evictDetour(present);
    }
    maps().release(present);
  }
}
