package dev.fid.testkit;

/// Who half-closes first. Whoever comes second holds some bytes back until it has seen the EOF, so
/// that data always flows against a half-closed direction.
public enum Ending {
  CLIENT_FIRST,
  SERVER_FIRST,
  /// Each end half-closes as soon as it has sent everything, without looking at the other.
  BOTH_AT_ONCE,
  /// Nobody half-closes before everything has arrived: for relays that end both directions at the
  /// first EOF.
  AT_END,
  /// One of the first three, another one for each connection.
  RANDOM;

  /// Whether the end that sends in this direction waits for the other's EOF.
  boolean waits(Direction sends) {
    return switch (this) {
      case CLIENT_FIRST -> sends == Direction.DOWNSTREAM;
      case SERVER_FIRST -> sends == Direction.UPSTREAM;
      case BOTH_AT_ONCE, AT_END, RANDOM -> false;
    };
  }
}
