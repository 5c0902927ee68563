package dev.fid.cli.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TextReportTest {
  private final String text = TextReport.of(Reports.sample());

  @Test
  void hasMediansRangesAndRatios() {
    assertThat(text)
        .containsPattern(
            "(?m)^  fid +3\\.000 +\\(2\\.000 \\.\\. 4\\.000\\) +1\\.00 +0\\.500 +1\\.00$")
        .containsPattern(
            "(?m)^  other +1\\.000 +\\(1\\.000 \\.\\. 1\\.500\\) +0\\.50 +1\\.000 +2\\.00$");
  }

  @Test
  void aRelayThatLostAByteHasFailed() {
    assertThat(text)
        .containsPattern("(?m)^  other +FAILED 1,234")
        .contains("other FAILED in 1 of 3 rounds: " + Reports.FAILURE);
  }

  @Test
  void headsEachPairOnce() {
    assertThat(text.lines().filter(line -> line.startsWith("== ")))
        .containsExactly("== tcp-tcp, cubic", "== unix-unix");
  }

  @Test
  void saysOnWhatAndWhatIsMissing() {
    assertThat(text)
        .contains("A <Processor>, 2 processors, 8 GiB, Linux 6.18, Java 25")
        .contains("closed loop; 3 rounds of 400 ms", "a note")
        .contains("not measured: third is not installed: apt-get install t");
  }

  @Test
  void columnsStandBelowEachOther() {
    assertThat(
            text.lines()
                .filter(line -> line.matches("  (fid|other) +\\d\\.\\d{3} .*"))
                .map(line -> line.indexOf(')'))
                .distinct())
        .hasSize(1);
  }
}
