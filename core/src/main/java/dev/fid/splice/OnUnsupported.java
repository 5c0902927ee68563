package dev.fid.splice;

/// What becomes of a lane that the kernel cannot carry.
public enum OnUnsupported {
  /// User space moves it, and [LaneStats#plan()] says why.
  RELAY,
  /// The splice is aborted with the reason. The kernel takes no TCP socket whose peer has already
  /// ended its direction, so a client that sends and half-closes at once is refused too. A lane
  /// that [HalfClose#KEEP] leaves to user space is not.
  REFUSE
}
