package dev.fid.testkit;

/// Which way bytes go: upstream is from the client to the back end.
public enum Direction {
  UPSTREAM,
  DOWNSTREAM;

  /// Keeps the random numbers of both directions apart.
  long salt() {
    return this == UPSTREAM ? 1 : 2;
  }

  Direction opposite() {
    return this == UPSTREAM ? DOWNSTREAM : UPSTREAM;
  }
}
