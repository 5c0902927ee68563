package dev.fid.splice;

import java.util.concurrent.CompletionStage;

/// A running splice, as its application holds it. Thread safe.
public interface SpliceHandle extends AutoCloseable {
  /// Completes once both sockets are closed, with the final counters; never exceptionally. It
  /// completes on the splice's event loop: what depends on it must not block.
  CompletionStage<SpliceStats> closed();

  /// The counters now; once it has ended, the final ones.
  SpliceStats stats();

  /// Ends it now: bytes on their way are dropped and TCP peers are reset. Idempotent.
  @Override
  void close();
}
