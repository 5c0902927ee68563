package dev.fid.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

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

  Flow renumbered(int number) {
    return new Flow(number, direction, expected, sent, received, eof, faults, duration);
  }

  @Override
  public String toString() {
    return "connection %d %s: %d of %d bytes (%d sent)%s %s"
        .formatted(
            connection,
            direction.name().toLowerCase(Locale.ROOT),
            received,
            expected,
            sent,
            eof ? ", EOF" : "",
            faults);
  }
}
