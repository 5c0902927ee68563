package dev.fid.cli.bench.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// A metric of a cell over its rounds.
///
/// @param ofFid the median of the rounds' ratios to Fid's figure of the same round; null where
///   there is none
public record Summary(double median, double min, double max, @Nullable Double ofFid) {
  /// Sums up the rounds that went well.
  ///
  /// @param figures of each round; NaN where the round failed
  /// @param fid Fid's, of the same rounds; empty where it was not measured
  /// @return nothing where every round failed
  static @Nullable Summary of(List<Double> figures, List<Double> fid) {
    List<Double> good = figures.stream().filter(Double::isFinite).toList();
    if (good.isEmpty()) {
      return null;
    }
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < Math.min(figures.size(), fid.size()); round++) {
      double ratio = figures.get(round) / fid.get(round);
      if (Double.isFinite(ratio)) {
        ratios.add(ratio);
      }
    }
    OptionalDouble ofFid = median(ratios);
    return new Summary(
        median(good).getAsDouble(),
        Collections.min(good),
        Collections.max(good),
        ofFid.isPresent() ? ofFid.getAsDouble() : null);
  }

  /// The middle one, or the mean of the two in the middle.
  static OptionalDouble median(List<Double> values) {
    if (values.isEmpty()) {
      return OptionalDouble.empty();
    }
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return OptionalDouble.of(
        sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2);
  }
}
