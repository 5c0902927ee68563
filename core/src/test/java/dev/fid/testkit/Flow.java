package dev.fid.testkit;

import java.time.Duration;
import java.util.List;

/// What became of one direction of one connection: payload bytes, and every fault.
public record Flow(
    int connection,
    Direction direction,
    long expected,
    long sent,
    long received,
    boolean eof,
    List<Fault> faults,
    Duration duration) {
  public boolean clean() {
    return faults.isEmpty();
  }

  @Override
  public String toString() {
    return "connection %d %s: %d of %d bytes (%d sent)%s %s"
        .formatted(
            connection,
            direction.name().toLowerCase(java.util.Locale.ROOT),
            received,
            expected,
            sent,
            eof ? ", EOF" : "",
            faults);
  }
}
