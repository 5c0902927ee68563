package dev.fid.splice;

import dev.fid.os.OsException;
import java.nio.ByteBuffer;
import java.util.List;
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
/// receiving ([StreamLeg#hold]), a grace period waited for, and a UNIX source made quiet (see
/// [Departure]). Runs on the splice's loop.
final class Unsplice implements Joined.Undoing {
  private final Splice splice;
  private final Departure upstream;
  private final Departure downstream;

  Unsplice(Splice splice) {
    this.splice = splice;
    upstream = new Departure(this, splice.upstream());
    downstream = new Departure(this, splice.downstream());
  }

  @Override
  public void begin() {
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
    if (splice.isLive()) {
      boolean first = upstream.readOut();
      boolean second = downstream.readOut();
      if (first && second) {
        splice.undone();
      } else {
        splice.loop().retry(this::readOut);
      }
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

  @Override
  public void close() {
    both().forEach(Departure::close);
  }
}
