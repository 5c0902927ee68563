package dev.fid.splice;

import java.nio.ByteBuffer;
import java.util.List;

/// Takes a session apart while datagrams flow: each lane by a [DatagramDeparture] of its own.
///
/// Runs on the session's loop.
final class SessionUnsplice implements Joined.Undoing {
  private final Session session;
  private final DatagramDeparture upstream;
  private final DatagramDeparture downstream;

  SessionUnsplice(Session session) {
    this.session = session;
    upstream = new DatagramDeparture(this, session.upstream());
    downstream = new DatagramDeparture(this, session.downstream());
  }

  @Override
  public void begin() {
    session.upstream().leave(upstream);
    session.downstream().leave(downstream);
    session.updateInterest();
  }

  /// One of them has settled.
  void settled() {
    if (upstream.isSettled() && downstream.isSettled()) {
      session.undone();
    }
  }

  @Override
  public List<ByteBuffer> fromFirst() {
    return upstream.unread();
  }

  @Override
  public List<ByteBuffer> fromSecond() {
    return downstream.unread();
  }
}
