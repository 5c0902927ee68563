package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.AttachType;
import dev.fid.bpf.BpfException;
import dev.fid.bpf.BpfHash;
import dev.fid.bpf.BpfObject;
import dev.fid.bpf.BpfSpec;
import dev.fid.bpf.MappedArray;
import dev.fid.bpf.SockHash;
import dev.fid.bpf.TestRun;
import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import org.jspecify.annotations.Nullable;

/// The datagram programs and their maps in the kernel, and the slots of the lanes in them.
///
/// Thread safe.
final class DatagramMaps implements AutoCloseable {
  private static final int QUERY = 16;
  private static final int MAX_LANES = 1 << 16;

  private final BpfObject object;
  private final SockHash sources;
  private final SockHash targets;
  private final BpfHash slots;
  private final MappedArray lanes;
  private final TestRun backlog;
  private final int filter;
  private final int catcher;
  private final Caught caught;
  private final Slots free;

  @MustBeClosed
  @SuppressWarnings(
      "MustBeClosedChecker") // closed with the object, or here when the constructor fails
  DatagramMaps(int capacity) throws BpfException {
    int entries = Math.min(Math.multiplyExact(capacity, 2), MAX_LANES);
    object =
        BpfSpec.resource("datagram")
            .withMaxEntries("sources", entries)
            .withMaxEntries("targets", entries)
            .withMaxEntries("slots", entries)
            .withMaxEntries("lanes", entries)
            .load();
    try {
      sources = object.sockHash("sources");
      targets = object.sockHash("targets");
      slots = object.hash("slots");
      lanes = object.mappedArray("lanes");
      backlog = object.program("target_backlog").testRun(QUERY + Long.BYTES);
      filter = object.program("note_receiver").fd();
      catcher = object.program("catch_datagram").fd();
      caught = new Caught(object.ringBuffer("caught"));
      object.program("datagram_verdict").attach(sources, AttachType.SK_SKB_VERDICT);
    } catch (Throwable e) {
      object.close();
      throw e;
    }
    free = new Slots(entries, System::nanoTime);
  }

  /// A slot that is nobody's, to be prepared; null when every one is taken or resting.
  @Nullable DatagramSlot claim() {
    int slot = free.take();
    return slot < 0
        ? null
        : new DatagramSlot(
            lanes.memory().asSlice(slot * lanes.stride(), DatagramLayout.SIZE), slot);
  }

  /// Makes the program see who receives at this UNIX datagram socket: 0, or -errno.
  int noteReceiver(int fd) {
    return Sockets.attachFilter(fd, filter);
  }

  /// Takes what comes to this source of an enrolled lane, from now on, off its socket, in the place
  /// of any filter that it has: 0, or -errno. To be ended by [Sockets#detachFilter].
  int catchFrom(int fd) {
    return Sockets.attachFilter(fd, catcher);
  }

  Caught caught() {
    return caught;
  }

  /// Makes `targetFd` the target of this lane, and then `sourceFd` its source; 0 or -errno, with
  /// nothing left behind.
  ///
  /// The descriptors stay the caller's.
  int enrol(DatagramSlot slot, int sourceFd, int targetFd) {
    long cookie = slot.cookie();
    int result = slots.put(cookie, slot.number());
    if (result == 0) {
      result = targets.enrol(cookie, targetFd);
    }
    if (result == 0) {
      result = sources.enrol(cookie, sourceFd);
      if (result < 0) {
        evicted(targets.evict(cookie));
      }
    }
    if (result < 0) {
      slots.remove(cookie);
    }
    return result;
  }

  /// Makes this socket the lane's detour, for what is redirected from now on: 0 or -errno.
  int enrolDetour(DatagramSlot slot, int fd) {
    long cookie;
    try {
      cookie = Sockets.cookie(fd);
    } catch (OsException e) {
      return -e.errno();
    }
    slot.detour(cookie);
    return targets.enrol(cookie, fd);
  }

  void evictDetour(DatagramSlot slot) {
    evicted(targets.evict(slot.counter(DatagramLayout.DETOUR)));
  }

  /// Stops the verdicts on a lane's source; its target stays, and nothing is lost.
  void evictSource(DatagramSlot slot) {
    evicted(sources.evict(slot.cookie()));
  }

  /// Takes a lane's target out. When it was its last place, what waits for it is dropped.
  void evictTarget(DatagramSlot slot) {
    evicted(targets.evict(slot.cookie()));
  }

  private static void evicted(int result) {
    if (result < 0 && result != -Errno.ENOENT) {
      throw new IllegalStateException("evict: " + Errno.name(-result));
    }
  }

  /// The skbs that wait for a lane's target; -1 where it has left its map, or a send to it has
  /// failed and no more of them will be sent.
  synchronized int backlog(DatagramSlot slot) {
    backlog.data().set(JAVA_LONG, QUERY, slot.cookie());
    try {
      backlog.run(QUERY + Long.BYTES);
    } catch (BpfException e) {
      throw new IllegalStateException(e);
    }
    return (int) backlog.data().get(JAVA_LONG, QUERY);
  }

  /// Forgets the lane; its sockets are out of the maps, or closed.
  void release(DatagramSlot slot) {
    slots.remove(slot.cookie());
    free.give(slot.number());
  }

  /// Entries in the maps now; for tests and reports.
  int entries() {
    return sources.size() + targets.size() + slots.size();
  }

  @Override
  public void close() {
    backlog.close();
    object.close();
  }
}
