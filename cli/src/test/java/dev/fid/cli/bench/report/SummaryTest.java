package dev.fid.cli.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SummaryTest {
  @Test
  void hasTheMiddleAndTheEnds() {
    assertThat(Summary.of(List.of(5.0, 1.0, 3.0), List.of())).isEqualTo(new Summary(3, 1, 5, null));
    assertThat(Summary.of(List.of(1.0, 2.0, 4.0, 10.0), List.of()))
        .isEqualTo(new Summary(3, 1, 10, null));
  }

  /// The ratio of the medians would be 1.
  @Test
  void comparesRoundByRound() {
    Summary summary = Summary.of(List.of(10.0, 20.0, 60.0), List.of(5.0, 40.0, 20.0));
    assertThat(summary).isEqualTo(new Summary(20, 10, 60, 2.0));
  }

  @Test
  void aRoundThatFailedComparesWithNothing() {
    double failed = Double.NaN;
    assertThat(Summary.of(List.of(failed, 8.0, 9.0), List.of(1.0, failed, 3.0)))
        .isEqualTo(new Summary(8.5, 8, 9, 3.0));
    assertThat(Summary.of(List.of(failed, failed), List.of(1.0, 1.0))).isNull();
  }

  @Test
  void nothingIsNoMultipleOfNothing() {
    assertThat(Summary.of(List.of(0.0), List.of(0.0))).isEqualTo(new Summary(0, 0, 0, null));
  }
}
