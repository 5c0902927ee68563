package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RepeatsTest {
  private final Repeats repeats = new Repeats();

  @Test
  void theFirstIsSaidAndTheOthersCounted() {
    assertThat(repeats.first("refused")).isTrue();
    assertThat(repeats.first("refused")).isFalse();
    assertThat(repeats.first("timeout")).isTrue();
    assertThat(repeats.first("refused")).isFalse();

    assertThat(repeats.endPeriod()).containsExactly(new Repeats.Count("refused", 2));
  }

  @Test
  void whatGoesOnIsCountedPeriodByPeriod() {
    repeats.first("refused");
    repeats.first("refused");
    repeats.endPeriod();

    assertThat(repeats.first("refused")).isFalse();
    assertThat(repeats.endPeriod()).containsExactly(new Repeats.Count("refused", 1));
  }

  @Test
  void whatHadStoppedIsNewAgain() {
    repeats.first("refused");
    repeats.first("refused");
    repeats.endPeriod();

    assertThat(repeats.endPeriod()).isEmpty();
    assertThat(repeats.first("refused")).isTrue();
  }

  @Test
  void moreThanItTellsApartIsLetThrough() {
    for (int i = 0; i < Repeats.LIMIT; i++) {
      repeats.first("message " + i);
    }

    assertThat(repeats.first("another")).isTrue();
    assertThat(repeats.first("another")).isTrue();
    assertThat(repeats.first("message 0")).isFalse();
  }
}
