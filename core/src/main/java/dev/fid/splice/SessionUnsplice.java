package dev.fid.splice;

import dev.fid.splice.SpliceStats.Outcome;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Takes a session apart while datagrams flow: each lane by a [DatagramDeparture] of its own.
///
/// Runs on the session's loop.
final class SessionUnsplice {
  private final Session session;
  private final DatagramDeparture upstream;
  private final DatagramDeparture downstream;
  private final CompletableFuture<Unspliced> done;

  SessionUnsplice(Session session, CompletableFuture<Unspliced> done) {
    this.session = session;
    this.done = done;
    upstream = new DatagramDeparture(this, session.upstream());
    downstream = new DatagramDeparture(this, session.downstream());
  }

  void begin() {
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

  List<ByteBuffer> fromFirst() {
    return upstream.unread();
  }

  List<ByteBuffer> fromSecond() {
    return downstream.unread();
  }

  /// The session has ended, in this way or in another.
  void ended(SpliceStats stats) {
    if (stats.outcome() instanceof Outcome.Undone) {
      done.complete(new Unspliced(fromFirst(), fromSecond(), stats));
    } else {
      done.completeExceptionally(Unsplice.tooLate(stats.outcome()));
    }
  }
}
