package dev.fid.cli.bench.workload;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What came of one order.
///
/// @param figures empty where it failed
/// @param failure what went wrong: bytes lost, bytes wrong, connections refused, cut or stuck
public record Outcome(Map<Metric, Double> figures, @Nullable String failure) {
  public static Outcome of(Map<Metric, Double> figures) {
    return new Outcome(figures, null);
  }

  public static Outcome failed(String failure) {
    return new Outcome(Map.of(), failure);
  }

  public boolean good() {
    return failure == null;
  }
}
