package dev.fid.splice;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Carries what passed a shut gate: peeks at it, gives it to the target, and only then takes it off
/// the source.
///
/// While bytes are peeked at, the source's window stays closed, so its sender cannot pass more
/// behind them: the gate can be opened before the window is. A pump that read first would chase a
/// fast sender for ever. It holds nothing between two calls, so one buffer serves every lane of a
/// loop, and what relays copy too. Used on its loop only.
final class Pump implements AutoCloseable {
  private static final long CAPACITY = 4L << 20;

  /// A receive on a socket with a psock may say EAGAIN for no reason (tcp_bpf_recvmsg_parser).
  private static final int TRIES = 1000;

  /// What came of one turn for a lane.
  enum Carried {
    /// There may be more to do.
    MORE,
    /// That was all, and the gate is open.
    OPENED,
    /// The target takes no more now.
    FULL,
    /// What was passed is not to be had yet: it waits behind the other lane's backlog. Even a
    /// source at its end says so, by 0.
    HIDDEN,
    /// One of the sockets has failed, and the lane knows.
    FAILED
  }

  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(CAPACITY, 64);

  /// Carries once for a lane what its target takes of the `pending` bytes that were passed, and
  /// opens the gate when that was all and it may.
  Carried carry(Lane lane, Gate gate, LaneCounters counters, long pending, boolean mayOpen) {
    if (pending == 0) {
      return mayOpen && gate.tryOpen(0) ? Carried.OPENED : Carried.MORE;
    }
    long peeked = peek(lane.source.descriptor(), pending);
    if (peeked == 0 || peeked == -Errno.EAGAIN) {
      return Carried.HIDDEN;
    }
    if (peeked < 0) {
      lane.source.failed((int) -peeked);
      return Carried.FAILED;
    }
    long given = give(lane.target.descriptor(), peeked);
    if (given == -Errno.EAGAIN) {
      return Carried.FULL;
    }
    if (given < 0) {
      lane.targetFailed(given);
      return Carried.FAILED;
    }
    counters.pumped(given);
    gate.holdPauses();
    boolean opened = given == pending && mayOpen && gate.tryOpen(given);
    if (!opened) {
      gate.consumed(given);
    }
    drop(lane.source.descriptor(), given);
    gate.resume();
    return opened ? Carried.OPENED : given < peeked ? Carried.FULL : Carried.MORE;
  }

  /// Looks at up to so many bytes of the source: how many there are, 0 at its end, or -errno.
  long peek(int source, long pending) {
    return Fds.peek(source, buffer.asSlice(0, Math.min(pending, CAPACITY)));
  }

  /// Takes up to so many bytes off the source: how many, 0 at its end, or -errno.
  long take(int source, long limit) {
    return Fds.recv(source, buffer.asSlice(0, limit));
  }

  /// The last `left` of so many bytes that were taken, until something else is.
  ByteBuffer last(long taken, long left) {
    return buffer.asSlice(taken - left, left).asByteBuffer();
  }

  /// Gives the target of the `peeked` bytes what it takes: how many, or -errno if none.
  long give(int target, long peeked) {
    long given = 0;
    while (given < peeked) {
      long more = Fds.send(target, buffer.asSlice(given, peeked - given));
      if (more < 0 && more != -Errno.EINTR) {
        return given > 0 && more == -Errno.EAGAIN ? given : more;
      }
      given += Math.max(0, more);
    }
    return given;
  }

  /// Takes bytes that were peeked at off the source.
  ///
  /// @throws IllegalStateException when they are no longer there
  void drop(int source, long bytes) {
    long left = bytes;
    for (int tries = 0; left > 0; ) {
      long taken = Fds.recv(source, buffer.asSlice(0, left));
      if (taken > 0) {
        left -= taken;
      } else if (++tries == TRIES) {
        throw new IllegalStateException(left + " bytes that were peeked at are gone: " + taken);
      }
    }
  }

  /// Throws away what the source has for now; whether that was the end of it.
  boolean discard(int source) {
    long taken;
    do {
      taken = Fds.recv(source, buffer);
    } while (taken > 0 || taken == -Errno.EINTR);
    return taken != -Errno.EAGAIN;
  }

  @Override
  public void close() {
    arena.close();
  }
}
