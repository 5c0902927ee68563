package dev.fid.cli.bench.peer;

import dev.fid.cli.bench.workload.Pair;
import java.util.Optional;

/// A relay to measure.
public interface Peer {
  /// As the command line and reports have it.
  String id();

  /// What it is, in a line.
  String description();

  /// Why it cannot be measured here, and what to do; empty: it can.
  Optional<String> missing();

  /// As it says itself, empty where there is none; only where nothing is missing.
  String version();

  default boolean measures(Pair pair) {
    return true;
  }

  Launch launch(Ends ends);
}
