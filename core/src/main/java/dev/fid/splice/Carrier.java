package dev.fid.splice;

import java.nio.ByteBuffer;
import java.util.List;

/// Moves a session's lane in user space, message by message. Belongs to its lane.
sealed interface Carrier permits DatagramCarrier, ParcelCarrier, StreamCutter {
  /// What came of one turn.
  enum Carried {
    /// There may be more to do.
    MORE,
    /// The source has nothing now, and nothing is held; or it may be enrolled in any case.
    DRY,
    /// The target takes no more now.
    FULL,
    /// The source has ended, and all that came from it is in the target's socket.
    ENDED,
    /// The session has ended, or is about to.
    FAILED
  }

  Carried carry();

  /// For a source of messages.
  static Carrier of(DatagramLane lane) {
    return lane.session().options().ancillary() == Ancillary.RELAY
        ? new ParcelCarrier(lane)
        : new DatagramCarrier(lane, lane.session().loop().datagram());
  }

  /// Gives on what the target has a part of; whether that is done. Nothing more is carried then.
  boolean settle();

  /// What was taken from the source and will not be given, in order.
  List<ByteBuffer> unsent();

  /// Drops what is held.
  void close();
}
