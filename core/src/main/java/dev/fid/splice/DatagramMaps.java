package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

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
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The datagram programs and their maps in the kernel, and the slots of the lanes in them.
///
/// Thread safe.
final class DatagramMaps implements AutoCloseable {
  private static final int QUERY = 16;
  private static final int MAX_LANES = 1 << 16;

  /// Cookies count from 1.
  private static final long SINK = 0;

  private final BpfObject object;
  private final SockHash sources;
  private final SockHash streams;
  private final SockHash parsed;
  private final SockHash targets;
  private final BpfHash slots;
  private final MappedArray lanes;
  private final RingBuffer stops;
  private final TestRun query;
  private final int filter;
  private final int catcher;
  private final Caught caught;
  private final Sockets.Pair sink;
  private final String noParser;
  private final AtomicReferenceArray<@Nullable DatagramLane> owners;
  private final Slots free;

  /// What the kernel says of a lane.
  ///
  /// @param backlog skbs that wait for its target; -1 where that has left its map, or has failed
  /// @param unread bytes in a TCP source that its parser has not had, its FIN among them
  /// @param pending its parser is about to run
  record State(int backlog, int unread, boolean pending) {}

  @MustBeClosed
  @SuppressWarnings(
      "MustBeClosedChecker") // closed with the object, or here when the constructor fails
  DatagramMaps(int capacity) throws BpfException, OsException {
    int entries = Math.min(Math.multiplyExact(capacity, 2), MAX_LANES);
    object =
        BpfSpec.resource("datagram")
            .withMaxEntries("sources", entries)
            .withMaxEntries("streams", entries)
            .withMaxEntries("parsed", entries)
            .withMaxEntries("targets", entries + 1) // and the sink
            .withMaxEntries("slots", entries)
            .withMaxEntries("lanes", entries)
            .withMaxEntries("stops", SpliceMaps.ringBytes(entries))
            .load();
    try {
      sources = object.sockHash("sources");
      streams = object.sockHash("streams");
      parsed = object.sockHash("parsed");
      targets = object.sockHash("targets");
      slots = object.hash("slots");
      lanes = object.mappedArray("lanes");
      stops = object.ringBuffer("stops");
      query = object.program("query_source").testRun(QUERY + (int) DatagramLayout.QUERY_SIZE);
      filter = object.program("note_receiver").fd();
      catcher = object.program("catch_datagram").fd();
      caught = new Caught(object.ringBuffer("caught"));
      object.program("datagram_verdict").attach(sources, AttachType.SK_SKB_VERDICT);
      object.program("stream_verdict").attach(streams, AttachType.SK_SKB_VERDICT);
      noParser = attachParser(object, parsed);
      sink = openSink(targets);
    } catch (Throwable e) {
      object.close();
      throw e;
    }
    owners = new AtomicReferenceArray<>(entries);
    free = new Slots(entries, System::nanoTime);
  }

  /// Why there is no parser for TCP streams; empty where there is one.
  private static String attachParser(BpfObject object, SockHash parsed) {
    try {
      object.program("cut_parser").attach(parsed, AttachType.SK_SKB_STREAM_PARSER);
      object.program("cut_verdict").attach(parsed, AttachType.SK_SKB_STREAM_VERDICT);
      return "";
    } catch (BpfException e) {
      return String.valueOf(e.getMessage());
    }
  }

  String noParser() {
    return noParser;
  }

  /// A socket whose first send fails, and with that its psock; for what the program drops.
  private static Sockets.Pair openSink(SockHash targets) throws OsException {
    Sockets.Pair pair = Sockets.pair();
    Sockets.shutdownWrite(pair.first());
    int result = targets.enrol(SINK, pair.first());
    if (result < 0) {
      pair.close();
      throw new OsException("enrol a socket that takes nothing", -result);
    }
    return pair;
  }

  /// A slot that is nobody's, to be prepared; null when every one is taken or resting.
  ///
  /// @param owner hears when a source that is a stream stops
  @Nullable DatagramSlot claim(Family source, @Nullable DatagramLane owner) {
    int slot = free.take();
    if (slot < 0) {
      return null;
    }
    owners.set(slot, owner);
    return new DatagramSlot(
        lanes.memory().asSlice(slot * lanes.stride(), DatagramLayout.SIZE), slot, source);
  }

  /// Where the program says which lanes have stopped.
  RingBuffer stops() {
    return stops;
  }

  @Nullable DatagramLane owner(int slot) {
    return owners.get(slot);
  }

  /// The map that a lane's source is in: what runs on it hangs on that.
  private SockHash sources(DatagramSlot slot) {
    return switch (slot.source()) {
      case UDP, UNIX_DATAGRAM -> sources;
      case UNIX_STREAM, VSOCK -> streams;
      case TCP -> parsed;
      case UNIX_SEQPACKET -> throw new IllegalStateException("no sockmap takes SEQPACKET");
    };
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
      slot.run();
      result = sources(slot).enrol(cookie, sourceFd);
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

  /// Makes this socket the target of an enrolled lane again: 0 or -errno.
  int enrolTarget(DatagramSlot slot, int targetFd) {
    return targets.enrol(slot.cookie(), targetFd);
  }

  /// Stops the verdicts on a lane's source; its target stays, and nothing is lost if none runs.
  void evictSource(DatagramSlot slot) {
    evicted(sources(slot).evict(slot.cookie()));
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

  synchronized State state(DatagramSlot slot) {
    MemorySegment data = query.data().asSlice(QUERY);
    data.set(JAVA_LONG, DatagramLayout.QUERY_COOKIE, slot.cookie());
    try {
      query.run(QUERY + (int) DatagramLayout.QUERY_SIZE);
    } catch (BpfException e) {
      throw new IllegalStateException(e);
    }
    return new State(
        data.get(JAVA_INT, DatagramLayout.QUERY_BACKLOG),
        data.get(JAVA_INT, DatagramLayout.QUERY_UNREAD),
        data.get(JAVA_INT, DatagramLayout.QUERY_PENDING) != 0);
  }

  /// Forgets the lane; its sockets are out of the maps, or closed.
  void release(DatagramSlot slot) {
    slots.remove(slot.cookie());
    owners.set(slot.number(), null);
    free.give(slot.number());
  }

  /// Entries in the maps now; for tests and reports.
  int entries() {
    return sources.size() + streams.size() + parsed.size() + targets.size() - 1 + slots.size();
  }

  @Override
  public void close() {
    query.close();
    stops.close();
    sink.close();
    object.close();
  }
}
