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
/// In user space: behind a stream parser, a message that spans skbs would leave as several
/// datagrams (`__skb_send_sock` sends each piece by itself).
final class StreamCutter implements Carrier {
  private static final ValueLayout.OfShort LENGTH16 =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt LENGTH32 =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final DatagramLane lane;
  private final Framing framing;
  private final MemorySegment room;
  private final Held held = new Held();
  private long skip;

  StreamCutter(DatagramLane lane, Framing framing, Datagram datagram) {
    this.lane = lane;
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
      long want =
          framing == Framing.NONE ? Math.min(lane.longest(), room.byteSize()) : room.byteSize();
      long got = lane.source.receive(room.asSlice(held, want - held));
      if (got == 0) {
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

  private Carried cut(long end) {
    long at = Math.min(skip, end);
    skip -= at;
    Carried result = Carried.MORE;
    while (result == Carried.MORE && isComplete(room.asSlice(at, end - at))) {
      long length = length(at, end);
      long start = at + framing.header();
      if (length > lane.longest()) {
        lane.counters().tooLong();
        long there = Math.min(length, end - start);
        skip = length - there;
        at = start + there;
        continue;
      }
      long given = lane.target.send(room.asSlice(start, length));
      if (given == -Errno.EAGAIN || given == -Errno.ENOBUFS) {
        result = Carried.FULL;
        continue;
      }
      at = start + length;
      if (given >= 0) {
        lane.counters().relayed(length);
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
    return length > lane.longest() || size - framing.header() >= length;
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
