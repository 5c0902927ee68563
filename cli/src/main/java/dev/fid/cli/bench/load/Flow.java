package dev.fid.cli.bench.load;

import java.util.concurrent.atomic.AtomicLong;

/// One direction of a connection, seen from both of its ends: what was sent is what must arrive.
///
/// The sender's thread sets [#total], the receiver's counts.
final class Flow {
  private static final long UNKNOWN = -1;

  private final long base;
  private final AtomicLong received = new AtomicLong();
  private volatile long total = UNKNOWN;

  /// @param base where in the pattern it begins
  Flow(long base) {
    this.base = base;
  }

  long base() {
    return base;
  }

  void received(long bytes) {
    received.setRelease(received.getPlain() + bytes);
  }

  long received() {
    return received.getAcquire();
  }

  /// No more than so many bytes will be sent.
  void endsAt(long bytes) {
    total = bytes;
  }

  boolean complete() {
    long bytes = total;
    return bytes != UNKNOWN && received() == bytes;
  }

  @Override
  public String toString() {
    long bytes = total;
    return received() + " of " + (bytes == UNKNOWN ? "?" : bytes) + " bytes arrived";
  }
}
