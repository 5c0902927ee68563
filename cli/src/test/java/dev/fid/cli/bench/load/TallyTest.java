package dev.fid.cli.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TallyTest {
  @Test
  void latenciesAreOfWhatWasDueInTime() {
    Window window = new Window();
    Tally tally = new Tally(window);
    tally.completed(1500, 1501);
    window.set(1000, 2000);
    tally.completed(999, 50_000);
    tally.completed(1000, 1010);
    tally.completed(1999, 9_999_999);
    tally.completed(2000, 2001);

    assertThat(tally.count()).isEqualTo(5);
    assertThat(tally.latencies().getTotalCount()).isEqualTo(2);
    assertThat(tally.latencies().getMinValue()).isEqualTo(10);
    assertThat(tally.latencies().getMaxValue()).isGreaterThan(9_900_000);
  }

  @Test
  void countsBytes() {
    Tally tally = new Tally(new Window());
    tally.received(3);
    tally.received(4);
    assertThat(tally.bytes()).isEqualTo(7);
  }
}
