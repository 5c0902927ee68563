package dev.fid.cli.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FlowTest {
  private final Flow flow = new Flow(3);

  @Test
  void isCompleteWhenAllThatWasSentHasCome() {
    flow.received(10);
    assertThat(flow.complete()).as("nobody said how much comes").isFalse();
    flow.endsAt(15);
    assertThat(flow.complete()).isFalse();
    assertThat(flow).hasToString("10 of 15 bytes arrived");
    flow.received(5);
    assertThat(flow.complete()).isTrue();
  }

  @Test
  void moreThanWasSentIsNotComplete() {
    flow.endsAt(1);
    flow.received(2);
    assertThat(flow.complete()).isFalse();
  }

  @Test
  void nothingIsCompleteToo() {
    flow.endsAt(0);
    assertThat(flow.complete()).isTrue();
  }
}
