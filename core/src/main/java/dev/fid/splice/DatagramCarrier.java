package dev.fid.splice;

import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Moves messages one by one, each to a message or, with its length in front, into a stream.
final class DatagramCarrier implements Carrier {
  private final DatagramLane lane;
  private final Datagram datagram;
  private final Held held = new Held();

  DatagramCarrier(DatagramLane lane, Datagram datagram) {
    this.lane = lane;
    this.datagram = datagram;
  }

  @Override
  public Carried carry() {
    if (!held.isEmpty()) {
      return give(held.bytes());
    }
    byte[] early = lane.source.early();
    if (early != null) {
      return giveWhole(datagram.hold(early));
    }
    if (!lane.source.isReadable()) {
      return Carried.DRY;
    }
    long length = lane.source.receive(datagram);
    if (length == Datagram.END) {
      return Carried.ENDED;
    }
    if (length == -Errno.EAGAIN) {
      return Carried.DRY;
    }
    if (length < 0) {
      return lane.source.failed((int) -length) ? Carried.MORE : Carried.FAILED;
    }
    if (length > datagram.payload().byteSize()) {
      lane.counters().tooLong();
      return Carried.MORE;
    }
    Arrivals arrivals = lane.source.arrivals();
    if (arrivals != null && arrivals.strayed(datagram)) {
      return Carried.MORE;
    }
    Shared.Receiver receiver = lane.source.receiver();
    if (receiver != null && datagram.hasSender()) {
      receiver.others().received(datagram.sender(), datagram.payload());
      return Carried.MORE;
    }
    return giveWhole(datagram.payload());
  }

  private Carried giveWhole(MemorySegment payload) {
    if (payload.byteSize() > lane.longest()) {
      lane.counters().tooLong();
      return Carried.MORE;
    }
    return give(datagram.withLength(lane.header()));
  }

  private Carried give(MemorySegment message) {
    long size = message.byteSize();
    long given = size == 0 && !lane.target.keepsBoundaries() ? 0 : lane.target.send(message);
    if (given == size) {
      held.close();
      lane.counters().relayedMessage(size);
      return Carried.MORE;
    }
    if (given >= 0 || given == -Errno.EAGAIN || given == -Errno.ENOBUFS) {
      // Only a stream takes a part.
      lane.counters().relayed(Math.max(0, given));
      if (given == -Errno.ENOBUFS) {
        lane.retry(); // no event tells that there is memory again
      }
      held.keepWhole(message.asSlice(Math.max(0, given)));
      return Carried.FULL;
    }
    held.close();
    return lane.notSent((int) -given) ? Carried.MORE : Carried.FAILED;
  }

  /// Sends what came late to a datagram target, past what waits for that in the kernel.
  void overtake() {
    for (byte[] late; (late = lane.source.early()) != null; ) {
      MemorySegment payload = datagram.hold(late);
      long given = lane.target.send(payload);
      if (given >= 0) {
        lane.counters().relayedMessage(given);
      } else if (given == -Errno.EAGAIN) {
        lane.counters().overload(1);
      } else if (!lane.notSent((int) -given)) {
        return;
      }
    }
  }

  @Override
  public boolean settle() {
    return held.isEmpty() || lane.target.keepsBoundaries() || give(held.bytes()) != Carried.FULL;
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
