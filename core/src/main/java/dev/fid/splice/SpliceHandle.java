package dev.fid.splice;

import java.util.concurrent.CompletionStage;

/// A running splice, as its application holds it. Thread safe.
public interface SpliceHandle extends AutoCloseable {
  /// Completes once both sockets are closed, with the final counters; never exceptionally. It
  /// completes on the splice's event loop: what depends on it must not block.
  CompletionStage<SpliceStats> closed();

  /// The counters now; once it has ended, the final ones.
  SpliceStats stats();

  /// Takes it apart while bytes flow, loses none, and makes both sockets of use again. Idempotent.
  ///
  /// From now on nothing more is taken from either socket; it completes, on the splice's event
  /// loop, once both hold what is on its way to them, which takes as long as the far ends take to
  /// read; [#close()] ends the wait. A peer that sends meanwhile over TCP sends it again, after its
  /// retransmission timeout (200 ms or more). Datagrams that come meanwhile are caught, and handed
  /// back.
  ///
  /// A descriptor that was given to the splice is the caller's again; what was lent comes back.
  ///
  /// Fails, and the splice goes on, where the kernel cuts a stream into datagrams, which it does
  /// between sockets that were both given to the splice.
  ///
  /// Completes exceptionally, with an [java.io.IOException] that says how, when the splice ends by
  /// itself, or when a UNIX sender that had been quiet sent something in the very moment of taking
  /// its socket out of the kernel's maps: then what it sent is lost, and the splice is aborted;
  /// where that was a datagram, the counters say so (`lostSkbs`) and nothing is aborted.
  CompletionStage<Unspliced> unsplice();

  /// Ends it now: bytes on their way are dropped and TCP peers are reset. Idempotent.
  @Override
  void close();
}
