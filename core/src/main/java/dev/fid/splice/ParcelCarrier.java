package dev.fid.splice;

import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import dev.fid.os.Parcel;
import java.nio.ByteBuffer;
import java.util.List;

/// Moves messages from one connection to another, with the descriptors and credentials that came
/// with them.
final class ParcelCarrier implements Carrier {
  private static final int CAPACITY = 4 << 10;

  private final DatagramLane lane;
  private final Parcel parcel = new Parcel(CAPACITY);

  /// Whether a message is held, which may be empty.
  private boolean holds;

  ParcelCarrier(DatagramLane lane) {
    this.lane = lane;
  }

  @Override
  public Carried carry() {
    if (!holds) {
      byte[] early = lane.source.early();
      long length = early == null ? parcel.receiveWhole(lane.source.descriptor()) : hold(early);
      if (length == Datagram.END) {
        return Carried.ENDED;
      }
      if (length == -Errno.EAGAIN) {
        return Carried.DRY;
      }
      if (length < 0) {
        return lane.source.failed((int) -length) ? Carried.MORE : Carried.FAILED;
      }
      holds = true;
    }
    return give();
  }

  private long hold(byte[] early) {
    parcel.hold(early);
    return early.length;
  }

  private Carried give() {
    long given = lane.target.send(parcel);
    if (given == -Errno.EAGAIN) {
      return Carried.FULL;
    }
    if (given == -Errno.ENOBUFS) {
      lane.retry();
      return Carried.FULL;
    }
    holds = false;
    if (given >= 0) {
      lane.counters().relayedMessage(given);
      return Carried.MORE;
    }
    parcel.drop();
    return lane.notSent((int) -given) ? Carried.MORE : Carried.FAILED;
  }

  /// Gives on what is held: descriptors could not be given back.
  @Override
  public boolean settle() {
    return !holds || give() != Carried.FULL;
  }

  @Override
  public List<ByteBuffer> unsent() {
    return lane.source.takeHead();
  }

  @Override
  public void close() {
    holds = false;
    parcel.close();
  }
}
