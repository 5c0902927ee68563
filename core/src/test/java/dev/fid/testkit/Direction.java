package dev.fid.testkit;

/// Which way bytes go: upstream is from the client to the back end.
public enum Direction {
  UPSTREAM,
  DOWNSTREAM;

  Direction opposite() {
    return this == UPSTREAM ? DOWNSTREAM : UPSTREAM;
  }
}
