package dev.fid.cli.bench.report;

import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Outcome;
import dev.fid.cli.bench.workload.Workload;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Makes cells of what the rounds of one workload gave.
public final class Cells {
  /// The relay that others are compared with.
  public static final String FID = "fid";

  private Cells() {}

  /// One cell for each relay.
  ///
  /// @param rounds of each relay, in the order of the report
  public static List<Cell> of(
      String control, String pair, Workload workload, Map<String, List<Outcome>> rounds) {
    List<Outcome> fid = rounds.getOrDefault(FID, List.of());
    return rounds.entrySet().stream()
        .map(entry ->
            new Cell(
                control,
                pair,
                workload.id(),
                entry.getKey(),
                entry.getValue(),
                summaries(workload, entry.getValue(), fid)))
        .toList();
  }

  private static Map<Metric, Summary> summaries(
      Workload workload, List<Outcome> rounds, List<Outcome> fid) {
    Map<Metric, Summary> summaries = new EnumMap<>(Metric.class);
    for (Metric metric : workload.kind().metrics()) {
      Summary summary = Summary.of(figures(metric, rounds), figures(metric, fid));
      if (summary != null) {
        summaries.put(metric, summary);
      }
    }
    return summaries;
  }

  private static List<Double> figures(Metric metric, List<Outcome> rounds) {
    return rounds.stream().map(round -> round.figures().getOrDefault(metric, Double.NaN)).toList();
  }
}
