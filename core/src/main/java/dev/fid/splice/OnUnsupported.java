package dev.fid.splice;

/// What becomes of a lane that the kernel cannot carry.
public enum OnUnsupported {
  /// User space moves it, and a log line and a counter say so.
  RELAY,
  /// The splice fails with the reason.
  REFUSE
}
