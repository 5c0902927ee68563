package dev.fid.splice;

import dev.fid.os.OsException;
import dev.fid.splice.SpliceStats.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// Takes a splice apart while bytes flow.
///
/// ```
///  SETTLING --- both targets have what was taken ---> HOLDING --- no verdict runs ---> READING
///     --- what had passed is read ---> evicted, and done
/// ```
///
/// A source cannot simply be taken out of `sources`: detaching the program under a running verdict
/// drops skbs (sk_psock_verdict_recv starts from __SK_DROP). So a TCP source is first kept from
/// receiving ([Leg#hold]), a grace period waited for, and a UNIX source made quiet (see
/// [Departure]). Runs on the splice's loop.
final class Unsplice {
  private final Splice splice;
  private final Departure upstream;
  private final Departure downstream;
  private final CompletableFuture<Unspliced> done;

  Unsplice(Splice splice, CompletableFuture<Unspliced> done) {
    this.splice = splice;
    this.done = done;
    upstream = new Departure(this, splice.upstream());
    downstream = new Departure(this, splice.downstream());
  }

  void begin() {
    splice.upstream().leave(upstream);
    splice.downstream().leave(downstream);
  }

  private Stream<Departure> both() {
    return Stream.of(upstream, downstream);
  }

  /// One of them has settled.
  void settled() {
    if (both().allMatch(Departure::isSettled)) {
      if (both().noneMatch(Departure::isEnrolled)) {
        splice.undone();
        return;
      }
      try {
        upstream.hold();
        downstream.hold();
      } catch (OsException e) {
        splice.abort("unsplice: " + e.getMessage());
        return;
      }
      splice.loop().afterVerdicts(this::readOut, splice::abort);
    }
  }

  /// Bytes that passed may still wait behind those of the other direction: then again, soon.
  private void readOut() {
    if (splice.stats().outcome() instanceof Outcome.Live) {
      boolean first = upstream.readOut();
      boolean second = downstream.readOut();
      if (first && second) {
        splice.undone();
      } else {
        splice.loop().retry(this::readOut);
      }
    }
  }

  /// What was received on the first socket and not given to the second.
  List<ByteBuffer> fromFirst() {
    return upstream.unread();
  }

  List<ByteBuffer> fromSecond() {
    return downstream.unread();
  }

  /// The splice has ended, in this way or in another.
  void ended(SpliceStats stats) {
    both().forEach(Departure::close);
    if (stats.outcome() instanceof Outcome.Undone) {
      done.complete(new Unspliced(fromFirst(), fromSecond(), stats));
    } else {
      done.completeExceptionally(tooLate(stats.outcome()));
    }
  }

  static IOException tooLate(Outcome outcome) {
    return new IOException("unsplice: the splice has ended: " + outcome);
  }
}
