package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Cuts a stream into messages, and sends each as a datagram without its length.
///
/// Where the kernel can cut it too, this reads no further than to the end of the message that the
/// kernel has left to it.
final class StreamCutter implements Carrier {
  private static final ValueLayout.OfShort LENGTH16 =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt LENGTH32 =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final DatagramLane lane;
  private final Framing framing;
  private final StreamSource source;
  private final MemorySegment room;
  private final Held held = new Held();
  private long skip;

  StreamCutter(DatagramLane lane, StreamSource source, Framing framing, Datagram datagram) {
    this.lane = lane;
    this.source = source;
    this.framing = framing;
    this.room = datagram.room();
  }

  /// Bytes held are the beginning of a message, or more where the target was full.
  @Override
  public Carried carry() {
    long held = this.held.bytes().byteSize();
    room.asSlice(0, held).copyFrom(this.held.bytes());
    long end = held;
    if (!isComplete(room.asSlice(0, held))) {
      long want = want(held);
      if (want == 0) {
        return Carried.DRY;
      }
      long got = lane.source.receive(room.asSlice(held, want));
      if (got == 0 || (got == -Errno.EAGAIN && source.saysEagainAtItsEnd())) {
        return Carried.ENDED;
      }
      if (got == -Errno.EAGAIN) {
        return Carried.DRY;
      }
      if (got < 0) {
        return lane.source.failed((int) -got) ? Carried.MORE : Carried.FAILED;
      }
      end += got;
    }
    return cut(end);
  }

  /// How many bytes to read behind those that are held.
  private long want(long held) {
    long most = (framing == Framing.NONE ? longest() : room.byteSize()) - held;
    return lane.mayEnrol() && source.isParsed() ? Math.min(most, missing(held)) : most;
  }

  /// Bytes to the end of the message that has begun; 0 where none has.
  private long missing(long held) {
    if (skip > 0) {
      return skip;
    }
    if (held == 0) {
      return 0;
    }
    return held < framing.header()
        ? framing.header() - held
        : framing.header() + length(0, held) - held;
  }

  /// The longest message that the target takes, and that there is room for.
  private long longest() {
    return Math.min(lane.longest(), room.byteSize() - framing.header());
  }

  /// Whether the next byte of the source begins a message.
  boolean isAtBoundary() {
    return held.isEmpty() && skip == 0;
  }

  /// The kernel has taken the header of a message of this length off the source, and no more.
  void resume(long length) {
    MemorySegment header = room.asSlice(0, framing.header());
    switch (framing) {
      case NONE -> {}
      case LEN16 -> header.set(LENGTH16, 0, (short) length);
      case LEN32 -> header.set(LENGTH32, 0, (int) length);
    }
    held.keep(header);
  }

  private Carried cut(long end) {
    long at = Math.min(skip, end);
    skip -= at;
    Carried result = Carried.MORE;
    while (result == Carried.MORE && isComplete(room.asSlice(at, end - at))) {
      long length = length(at, end);
      long start = at + framing.header();
      if (length > longest()) {
        lane.counters().tooLong();
        long there = Math.min(length, end - start);
        skip = length - there;
        at = start + there;
        continue;
      }
      long given = lane.target.send(room.asSlice(start, length));
      if (given == -Errno.EAGAIN || given == -Errno.ENOBUFS) {
        if (given == -Errno.ENOBUFS) {
          lane.retry(); // no event tells that there is memory again
        }
        result = Carried.FULL;
        continue;
      }
      at = start + length;
      if (given >= 0) {
        lane.counters().relayedMessage(length);
      } else if (!lane.notSent((int) -given)) {
        result = Carried.FAILED;
      }
    }
    held.keep(room.asSlice(at, end - at));
    return result;
  }

  /// Whether these begin with a message that can be sent, or skipped.
  private boolean isComplete(MemorySegment bytes) {
    long size = bytes.byteSize();
    if (size == 0 || size < framing.header()) {
      return false;
    }
    long length = length(bytes);
    return length > longest() || size - framing.header() >= length;
  }

  private long length(long at, long end) {
    return length(room.asSlice(at, end - at));
  }

  private long length(MemorySegment message) {
    return switch (framing) {
      case NONE -> message.byteSize();
      case LEN16 -> Short.toUnsignedInt(message.get(LENGTH16, 0));
      case LEN32 -> Integer.toUnsignedLong(message.get(LENGTH32, 0));
    };
  }

  @Override
  public boolean settle() {
    return true; // a datagram is sent whole
  }

  @Override
  public List<ByteBuffer> unsent() {
    List<ByteBuffer> unsent = new ArrayList<>();
    if (!held.isEmpty()) {
      unsent.add(held.copy());
    }
    unsent.addAll(lane.source.takeHead());
    return unsent;
  }

  @Override
  public void close() {
    held.close();
  }
}
