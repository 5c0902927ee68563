package dev.fid.splice;

/// Where a [Lane] stands.
///
/// ```
///                       enrol                  the gate shut
///   RELAY ----------------------------> KERNEL -------------> PUMP
///     ^ |                                 | | <-------------- | |
///     | |                   skbs lag      | |  all passed bytes | given
///     | +---- RECOVERING <-- (UNIX, vsock)+ |                   |
///     |           |                         |                   |
///     +-----------+                         |                   |
///     | EOF                                 | EOF               | EOF, nothing pending
///     +-------------------------------------+-------------------+
///                                           v
///                  DRAINING --- the target's backlog is empty ---> ENDED
/// ```
///
/// From KERNEL a TCP source may become PAUSED, and come back; with [Bulk#RELAY] it becomes
/// RECOVERING in place of that. When the splice is undone, RELAY, KERNEL, PUMP and PAUSED become
/// LEAVING.
enum LaneState {
  /// User space moves the bytes; no verdict runs.
  RELAY,
  /// The gate is open: user space has nothing to do.
  KERNEL,
  /// The gate is shut: the pump carries what the verdict passes.
  PUMP,
  /// The kernel has taken the source out of its map, until the target's backlog has gone down.
  PAUSED,
  /// The source lags and was evicted; waiting until all that was redirected is through.
  RECOVERING,
  /// The source has ended; waiting for the target's backlog.
  DRAINING,
  /// The splice is being undone: a [Departure] has the lane.
  LEAVING,
  /// Everything that came has been given to the target's socket.
  ENDED
}
