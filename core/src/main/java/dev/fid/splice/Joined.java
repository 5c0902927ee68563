package dev.fid.splice;

/// Two endpoints that belong to a loop, joined in one way or another.
sealed interface Joined extends SpliceHandle permits Splice, Session {
  /// Begins; on the loop.
  void start();

  /// Ends it for this reason; on the loop.
  void abort(String reason);
}
