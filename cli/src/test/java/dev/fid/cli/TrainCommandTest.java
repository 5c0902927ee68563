package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TrainCommandTest {
  /// Of the pipe file to the end of the connections; where the kernel does not let it, relayed.
  @Test
  void doesWhatAStartDoes() {
    Cli cli = Cli.run("train");

    assertThat(cli.exit()).as(cli.err()).isZero();
    assertThat(cli.out()).isEmpty();
  }

  @Test
  void isNoCommandForUsers() {
    assertThat(Cli.run("--help").out()).contains("run", "bench").doesNotContain("train");
  }
}
