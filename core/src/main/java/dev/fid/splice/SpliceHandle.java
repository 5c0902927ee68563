package dev.fid.splice;

import java.util.concurrent.CompletionStage;

/// A running splice, as its application holds it. Thread safe.
public interface SpliceHandle extends AutoCloseable {
  /// Completes once both sockets are closed, with the final counters; never exceptionally.
  CompletionStage<SpliceStats> closed();

  /// The counters now.
  SpliceStats stats();

  /// Ends it now: bytes on their way are dropped and TCP peers are reset. Idempotent.
  @Override
  void close();
}
