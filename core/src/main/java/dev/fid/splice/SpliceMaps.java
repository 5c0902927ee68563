package dev.fid.splice;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.AttachType;
import dev.fid.bpf.BpfException;
import dev.fid.bpf.BpfHash;
import dev.fid.bpf.BpfObject;
import dev.fid.bpf.BpfSpec;
import dev.fid.bpf.MappedArray;
import dev.fid.bpf.RingBuffer;
import dev.fid.bpf.SockHash;
import dev.fid.bpf.TestRun;
import dev.fid.os.Errno;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The splice programs and their maps in the kernel, and the slots of the lanes in them.
///
/// Thread safe.
final class SpliceMaps implements AutoCloseable {
  private static final int RING_BYTES_A_LANE = 32;
  private static final int SMALLEST_RING = 4096;

  private final BpfObject object;
  private final SockHash sources;
  private final SockHash targets;
  private final BpfHash slots;
  private final MappedArray lanes;
  private final RingBuffer closings;
  private final Pausing pausing;
  private final AtomicReferenceArray<@Nullable Lane> owners;
  private final Slots free;

  @MustBeClosed
  @SuppressWarnings(
      "MustBeClosedChecker") // closed with the object, or here when the constructor fails
  SpliceMaps(int capacity) throws BpfException {
    int entries = Math.multiplyExact(capacity, 2);
    object =
        BpfSpec.resource("splice")
            .withMaxEntries("sources", entries)
            .withMaxEntries("targets", 2 * entries) // a parked one for each
            .withMaxEntries("slots", entries)
            .withMaxEntries("lanes", entries)
            .withMaxEntries("closings", ringBytes(entries))
            .load();
    try {
      sources = object.sockHash("sources");
      targets = object.sockHash("targets");
      slots = object.hash("slots");
      lanes = object.mappedArray("lanes");
      closings = object.ringBuffer("closings");
      object.program("splice_verdict").attach(sources, AttachType.SK_SKB_VERDICT);
      pausing = Pausing.attach(object);
    } catch (Throwable e) {
      object.close();
      throw e;
    }
    owners = new AtomicReferenceArray<>(entries);
    free = new Slots(entries, System::nanoTime);
  }

  /// Room in a ring for one slot of each lane, announced once.
  static int ringBytes(int entries) {
    int wanted = Math.max(SMALLEST_RING, entries * RING_BYTES_A_LANE);
    return Integer.highestOneBit(wanted - 1) << 1;
  }

  /// A slot for this lane, its gate open; null when every slot is taken or resting.
  @Nullable Gate claim(Lane lane, long cookie, int limit, int flags) {
    int slot = free.take();
    if (slot < 0) {
      return null;
    }
    Gate gate = new Gate(lanes.memory().asSlice(slot * lanes.stride(), LaneLayout.SIZE), slot);
    gate.prepare(cookie, limit, pausing.laneFlags(flags));
    owners.set(slot, lane);
    return gate;
  }

  /// Makes `targetFd` the target of this lane, and then `sourceFd` its source; 0 or -errno, with
  /// nothing left behind.
  ///
  /// The descriptors stay the caller's.
  int enrol(Gate gate, int sourceFd, int targetFd) {
    long cookie = gate.cookie();
    int result = slots.put(cookie, gate.slot());
    if (result < 0) {
      return result;
    }
    result = targets.enrol(cookie, targetFd);
    if (result == 0) {
      result = sources.enrol(cookie, sourceFd);
      if (result < 0) {
        targets.evict(cookie);
      }
    }
    if (result < 0) {
      slots.remove(cookie);
    }
    return result;
  }

  Pausing pausing() {
    return pausing;
  }

  /// Makes the source of an enrolled lane a source again; 0 or -errno.
  int enrolSource(Gate gate, int sourceFd) {
    gate.resume();
    return sources.enrol(gate.cookie(), sourceFd);
  }

  /// Stops the verdicts on a lane's source; its target stays, and nothing is lost if none runs.
  void evictSource(Gate gate) {
    int result = sources.evict(gate.cookie());
    if (result < 0 && result != -Errno.ENOENT) {
      throw new IllegalStateException("evict source: " + Errno.name(-result));
    }
  }

  /// Makes another socket the target of an enrolled lane; 0 or -errno. The old one is kept under
  /// [#parkedKey], since what waits for it goes with its last entry.
  int divert(Gate gate, int oldTargetFd, int newTargetFd) {
    int result = targets.enrol(parkedKey(gate), oldTargetFd);
    return result < 0 ? result : targets.enrol(gate.cookie(), newTargetFd);
  }

  /// By what a diverted lane's old target is known: cookies count up from 1.
  static long parkedKey(Gate gate) {
    return ~gate.cookie();
  }

  /// Takes the sockets of a lane out of the maps, which stay open.
  void evict(Gate gate) {
    evictSource(gate);
    targets.evict(gate.cookie());
    targets.evict(parkedKey(gate));
  }

  /// Forgets the lane. Closing its sockets takes them out of the other maps.
  void release(Gate gate) {
    slots.remove(gate.cookie());
    owners.set(gate.slot(), null);
    free.give(gate.slot());
  }

  /// Sockets that are sources now, and targets; for tests and reports.
  int sourceCount() {
    return sources.size();
  }

  int targetCount() {
    return targets.size();
  }

  int slotCount() {
    return slots.size();
  }

  RingBuffer closings() {
    return closings;
  }

  @Nullable Lane owner(int slot) {
    return owners.get(slot);
  }

  @MustBeClosed
  TestRun backlogQuery(int bytes) throws BpfException {
    return object.program("query_backlogs").testRun(bytes);
  }

  @Override
  public void close() {
    pausing.close();
    closings.close();
    object.close();
  }
}
