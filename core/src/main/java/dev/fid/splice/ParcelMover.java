package dev.fid.splice;

import dev.fid.os.Parcel;

/// Moves the bytes of UNIX streams with the descriptors and credentials that came with them.
final class ParcelMover implements Mover {
  private static final int CAPACITY = 64 << 10;

  private final Parcel parcel = new Parcel(CAPACITY);

  @Override
  public long fill(int from) {
    return parcel.receive(from);
  }

  @Override
  public long flush(int to) {
    return parcel.send(to);
  }

  @Override
  public long held() {
    return parcel.held();
  }

  @Override
  public void close() {
    parcel.close();
  }
}
