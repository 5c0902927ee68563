package dev.fid.cli.bench.report;

import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Outcome;
import java.util.List;
import java.util.Map;

/// One relay under one workload, and what its rounds say.
///
/// @param control of TCP congestion; empty where the pair has no TCP
/// @param pair as the command line has it
public record Cell(
    String control,
    String pair,
    String workload,
    String relay,
    List<Outcome> rounds,
    Map<Metric, Summary> figures) {
  public Cell {
    rounds = List.copyOf(rounds);
  }

  /// How many rounds went wrong: any is one too many.
  public long failures() {
    return rounds.stream().filter(round -> !round.good()).count();
  }

  /// What went wrong first; empty: nothing.
  public String failure() {
    return rounds.stream()
        .map(Outcome::failure)
        .filter(failure -> failure != null)
        .findFirst()
        .orElse("");
  }

  /// Cells of one place compare.
  List<String> place() {
    return List.of(pair, control, workload);
  }
}
