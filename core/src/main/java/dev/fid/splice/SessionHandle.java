package dev.fid.splice;

/// A running splice of which one end at least is a datagram socket. Thread safe.
public interface SessionHandle extends SpliceHandle {
  /// When something was moved last, by [System#nanoTime()].
  long lastNanos();

  /// Ends it, as if it had been idle for too long. Idempotent.
  void evict();
}
