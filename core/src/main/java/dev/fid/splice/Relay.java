package dev.fid.splice;

import dev.fid.os.Errno;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Moves the bytes of a lane whose source is not enrolled.
///
/// What is short is copied by way of the loop's own buffer. From the first read that fills that on,
/// a mover of the loop's pool is borrowed, until a read is short again. Belongs to its lane.
final class Relay {
  /// From here on a message is worth a pipe: two system calls of splice(2), in place of a copy.
  static final int SHORT_BYTES = 16 << 10;

  /// A UNIX source that never runs dry is enrolled all the same after so many bytes in a row: what
  /// is queued then lags behind until the source is quiet, and is recovered.
  private static final long BULK_BYTES = 256 << 10;

  /// But not while more than this is queued, the longest skb that a sender makes with the usual
  /// send buffer (unix_stream_sendmsg takes half of it): a sender that is blocked by what is queued
  /// would be quiet at once.
  private static final int BULK_LAG_BYTES = 104 << 10;

  /// What came of one turn for a lane.
  enum Carried {
    /// There may be more to do.
    MORE,
    /// The source has nothing now, or never runs dry: it may be enrolled.
    DRY,
    /// The target takes no more now.
    FULL,
    /// No mover is free: the lane is called when one comes back.
    WAITING,
    /// The source has ended, or nothing more may be taken from it.
    ENDED,
    /// One of the sockets has failed, and the lane knows.
    FAILED
  }

  private final Lane lane;
  private final MoverPool movers;
  private final LaneCounters counters;
  private final boolean carriesAncillary;
  private @Nullable Mover mover;
  private boolean isLong;

  /// Messages taken, as far as they can be told from each other: reads that gave something.
  private int taken;

  private long bulkAt = BULK_BYTES;

  Relay(Lane lane, MoverPool movers, LaneCounters counters) {
    this.lane = lane;
    this.movers = movers;
    this.counters = counters;
    this.carriesAncillary = lane.splice.options().ancillary() == Ancillary.RELAY;
  }

  /// Whether the source is still at its first message, which is to be relayed. What a TCP source
  /// has queued behind it goes by the kernel; others are relayed until they are dry.
  boolean isFirst() {
    return comesLate() && taken < (lane.source.isGated() ? 1 : 2);
  }

  /// Whether a TCP source has sent its first message and nothing behind it: an event may still be
  /// that of the first. SIOCINQ does not tell: it is 0 on a socket that is a target
  /// (tcp_bpf_ioctl).
  boolean awaitsSecond() {
    return comesLate()
        && taken == 1
        && lane.source.isGated()
        && !holdsBytes()
        && lane.splice.loop().pump().peek(lane.source.descriptor(), 1) == -Errno.EAGAIN;
  }

  private boolean comesLate() {
    return lane.splice.options().enrolLate() && !isLong;
  }

  /// Has these bytes, that came before the source's own.
  void hold(List<ByteBuffer> head) {
    if (head.stream().anyMatch(ByteBuffer::hasRemaining)) {
      mover = new HeadMover(head);
    }
  }

  /// Gives the target what is held, and then takes once from the source, if it may.
  ///
  /// @param ended the source's peer has sent its last byte; a vsock socket in a map says EAGAIN
  ///   then, too (vsock_bpf_recvmsg)
  Carried carry(boolean mayTake, boolean mayEnrol, boolean ended) {
    long refused = flush();
    if (refused == -Errno.EAGAIN) {
      return Carried.FULL;
    }
    if (refused < 0) {
      lane.targetFailed(refused);
      return Carried.FAILED;
    }
    if (!mayTake) {
      return Carried.ENDED;
    }
    boolean hadHead = mover instanceof HeadMover;
    if (hadHead || isShort()) {
      release();
    }
    if (hadHead) {
      return Carried.MORE; // a TCP source may be enrolled: its verdict runs over what is queued
    }
    if (mayEnrol && isBulk()) {
      return catchUp();
    }
    return isShort() ? takeShort(ended) : takeLong(ended);
  }

  /// Whether the loop's buffer will do, and no mover is to be held.
  private boolean isShort() {
    return !isLong && !carriesAncillary;
  }

  private Carried takeLong(boolean ended) {
    if (!hasMover()) {
      return Carried.WAITING;
    }
    long answer = fill();
    if (answer > 0) {
      taken++;
      isLong = answer >= SHORT_BYTES;
      return Carried.MORE;
    }
    if (answer == -Errno.EINTR) {
      return Carried.MORE;
    }
    release();
    return nothingTaken(answer, ended);
  }

  /// Takes and gives by way of the loop's buffer; what the target does not take is held.
  private Carried takeShort(boolean ended) {
    Pump pump = lane.splice.loop().pump();
    long answer = pump.take(lane.source.descriptor(), SHORT_BYTES);
    if (answer <= 0) {
      return nothingTaken(answer, ended);
    }
    taken++;
    isLong = answer == SHORT_BYTES;
    long given = pump.give(lane.target.descriptor(), answer);
    if (given < 0 && given != -Errno.EAGAIN) {
      lane.targetFailed(given);
      return Carried.FAILED;
    }
    long left = answer - Math.max(0, given);
    counters.relayed(answer - left);
    if (left > 0) {
      mover = new HeadMover(List.of(pump.last(answer, left)));
      return Carried.FULL;
    }
    // A TCP read that is short has left nothing; a UNIX one also ends where descriptors came.
    return isLong || ended || !lane.source.isGated() ? Carried.MORE : Carried.DRY;
  }

  /// What 0 or an -errno of a read means.
  private Carried nothingTaken(long answer, boolean ended) {
    if (answer == 0 || (ended && answer == -Errno.EAGAIN && lane.source.isVsock())) {
      return Carried.ENDED;
    }
    if (answer == -Errno.EAGAIN) {
      return Carried.DRY;
    }
    lane.source.failed((int) -answer);
    return Carried.FAILED;
  }

  /// Whether the source may be enrolled though it never runs dry. A vsock one may not: an skb of
  /// which a part was read would be redirected whole.
  private boolean isBulk() {
    return !lane.source.isVsock() && counters.relayed() >= bulkAt;
  }

  /// Gives all that is queued while it still holds its sender back, and only then takes it off the
  /// source: what has come behind it is then little enough to enrol, as a rule. A relay that takes
  /// first lets a fast sender queue as much again while it gives.
  private Carried catchUp() {
    Pump pump = lane.splice.loop().pump();
    int source = lane.source.descriptor();
    long peeked = pump.peek(source, Long.MAX_VALUE);
    if (peeked <= 0) {
      return nothingTaken(peeked, false);
    }
    long given = pump.give(lane.target.descriptor(), peeked);
    if (given == -Errno.EAGAIN) {
      return Carried.FULL;
    }
    if (given < 0) {
      lane.targetFailed(given);
      return Carried.FAILED;
    }
    counters.relayed(given);
    pump.drop(source, given);
    if (given < peeked) {
      return Carried.FULL;
    }
    return lane.source.queued() <= BULK_LAG_BYTES ? Carried.DRY : Carried.MORE;
  }

  /// The source lagged, and is relayed again.
  void recovered() {
    bulkAt = counters.relayed() + BULK_BYTES;
  }

  /// Whether bytes were taken that the target has not been given.
  boolean holdsBytes() {
    Mover carrier = mover;
    return carrier != null && carrier.held() > 0;
  }

  /// 0 when nothing is left, or -errno.
  private long flush() {
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

  private boolean hasMover() {
    if (mover == null) {
      mover = movers.lend(lane);
    }
    return mover != null;
  }

  /// Bytes, 0 at the source's end, or -errno. Only when nothing is held.
  private long fill() {
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
