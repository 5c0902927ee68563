package dev.fid.splice;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One lane's part in an [Unsplice]: gives its target what was taken, and gets back the rest.
///
/// A relayed lane is settled when its target has been given what it held. A TCP source's gate is
/// shut, and the target's backlog waited for: what passes from then on is charged to the source,
/// whose window closes, and is read at the end.
///
/// A UNIX source has no gate, so its lane is diverted into a socket pair that nobody reads: what
/// waits for that stays charged to the sender, who blocks if he sends much, and else is seen to be
/// quiet. Then the source is evicted, and the pair is read empty.
final class Departure {
  private static final int CHUNK = 256 << 10;

  /// Looks in a row, 5 ms apart, in which nothing came from a UNIX source.
  private static final int QUIET_LOOKS = 4;

  private final Unsplice unsplice;
  private final Lane lane;
  private final ByteArrayOutputStream unread = new ByteArrayOutputStream(0);
  private Sockets.@Nullable Pair diversion;
  private boolean parked;
  private boolean evicted;
  private boolean enrolled;
  private boolean settled;
  private int quietLooks;
  private boolean noVerdict;
  private long seen = -1;

  Departure(Unsplice unsplice, Lane lane) {
    this.unsplice = unsplice;
    this.lane = lane;
  }

  boolean isSettled() {
    return settled;
  }

  /// Whether the verdict still runs for the source.
  boolean isEnrolled() {
    return enrolled && !evicted;
  }

  /// What was received on the source and not given to the target.
  List<ByteBuffer> unread() {
    return unread.size() == 0 ? List.of() : List.of(ByteBuffer.wrap(unread.toByteArray()));
  }

  /// The lane takes nothing more.
  void begin(LaneState before) {
    switch (before) {
      case KERNEL, PUMP -> {
        enrolled = true;
        if (lane.source.isGated()) {
          lane.gate().shut();
          // One that saw it open may redirect yet.
          loop().afterVerdicts(this::awaitBacklog, lane.splice::abort);
        } else if (lane.source.isVsock()) {
          evicted = true;
          lane.source.evict(lane.gate(), this::awaitBacklog);
        } else {
          divert();
        }
      }
      case PAUSED -> lane.awaitBacklog();
      case RELAY, RECOVERING, DRAINING, LEAVING, ENDED -> settle();
    }
  }

  private void settle() {
    if (!settled) {
      settled = true;
      unsplice.settled();
    }
  }

  private void divert() {
    try {
      Sockets.Pair pair = Sockets.pair();
      diversion = pair;
      int result = loop().maps().divert(lane.gate(), lane.target.descriptor(), pair.first());
      if (result < 0) {
        throw new OsException("divert " + lane, -result);
      }
    } catch (OsException e) {
      lane.splice.abort("unsplice: " + e.getMessage());
      return;
    }
    parked = true;
    loop().afterVerdicts(this::awaitBacklog, lane.splice::abort);
  }

  private void awaitBacklog() {
    if (isLeaving()) {
      lane.awaitBacklog();
    }
  }

  private boolean isLeaving() {
    return lane.state() == LaneState.LEAVING;
  }

  /// The key of the target whose backlog is waited for.
  long backlogKey() {
    return parked ? SpliceMaps.parkedKey(lane.gate()) : lane.gate().cookie();
  }

  /// The target has everything, or the diversion has.
  void backlogEmpty() {
    if (parked) {
      parked = false;
      look();
    } else if (diversion == null || drain()) {
      settle();
    }
  }

  private void look() {
    if (!isLeaving()) {
      return;
    }
    long now = lane.stats().redirectedSkbs() + lane.source.queued();
    boolean quiet = now == seen;
    seen = now;
    quietLooks = quiet ? quietLooks + 1 : 0;
    noVerdict &= quiet;
    if (quietLooks < QUIET_LOOKS) {
      loop().retry(this::look);
    } else if (noVerdict) {
      loop().maps().evictSource(lane.gate());
      evicted = true;
      loop().afterVerdicts(this::afterEviction, lane.splice::abort);
    } else {
      // A sender that was preempted within one is quiet, too.
      noVerdict = true;
      loop().afterVerdicts(this::look, lane.splice::abort);
    }
  }

  private void afterEviction() {
    if (!isLeaving()) {
      return;
    }
    if (lane.source.drops() > 0) {
      lane.splice.abort("bytes from " + lane.source + " were lost when it was evicted");
      return;
    }
    lane.awaitBacklog();
    drainOn();
  }

  /// The worker waits for room in the pair.
  private void drainOn() {
    if (isLeaving() && !settled && drain()) {
      loop().retry(this::drainOn);
    }
  }

  /// Reads the pair empty; whether that went well.
  private boolean drain() {
    Sockets.Pair pair = diversion;
    long taken = pair == null ? -Errno.EAGAIN : receive(pair.second(), Long.MAX_VALUE);
    if (taken != -Errno.EAGAIN) {
      lane.splice.abort("unsplice: receive: " + Errno.name((int) -taken));
    }
    return taken == -Errno.EAGAIN;
  }

  /// Keeps a TCP source from receiving; what comes is sent again.
  void hold() throws OsException {
    if (isEnrolled()) {
      lane.source.hold();
    }
  }

  /// Reads what passed the gate, now that no more comes; whether that was all.
  ///
  /// While the program is attached: without it tcp_bpf_recvmsg() would not count what it copies
  /// (copied_seq), and the source could not be read afterwards.
  boolean readOut() {
    if (!isEnrolled()) {
      return true;
    }
    // Takes the socket's lock, and so waits for what was queued while another had it.
    lane.source.kick();
    Gate gate = lane.gate();
    if (gate.pending() > 0) {
      int before = unread.size();
      long result = receive(lane.source.descriptor(), gate.pending());
      gate.consumed(unread.size() - before);
      if (result < 0 && result != -Errno.EAGAIN) {
        lane.source.failed((int) -result);
        return false;
      }
    }
    return gate.pending() == 0;
  }

  /// Receives up to so many bytes: 0 when they have come, or at the end, or -errno.
  private long receive(int fd, long most) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(CHUNK);
      long left = most;
      while (left > 0) {
        long taken = Fds.recv(fd, buffer.asSlice(0, Math.min(left, CHUNK)));
        if (taken <= 0) {
          return taken;
        }
        unread.writeBytes(buffer.asSlice(0, taken).toArray(ValueLayout.JAVA_BYTE));
        left -= taken;
      }
      return 0;
    }
  }

  private SpliceLoop loop() {
    return lane.splice.loop();
  }

  /// The splice has ended.
  void close() {
    Sockets.Pair pair = diversion;
    if (pair != null) {
      diversion = null;
      pair.close();
    }
  }
}
