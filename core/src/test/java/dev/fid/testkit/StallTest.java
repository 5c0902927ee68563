package dev.fid.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.testkit.Fault.Kind;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StallTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"tcp,unix,UPSTREAM", "unix,tcp,DOWNSTREAM"})
  void aPusherIsStoppedAndEverythingArrives(String front, String back, Direction direction)
      throws Exception {
    try (BackEnd server = BackEnd.listen(Addresses.of(back, directory, "back"));
        PlainRelay relay =
            PlainRelay.honest(Addresses.of(front, directory, "front"), server.address());
        Stall stall = Stall.push(relay.address(), server, direction, Duration.ZERO)) {
      assertThat(stall.stopped()).isTrue();
      assertThat(stall.pushed()).isGreaterThan(100_000);
      stall.assertDrains(PATIENCE);
    }
  }

  @Test
  void aByteLostMeanwhileIsFound() throws Exception {
    try (BackEnd server = BackEnd.listen(Addresses.tcp());
        PlainRelay relay =
            PlainRelay.tampered(Addresses.tcp(), server.address(), () -> Tamper.dropByte(50_000));
        Stall stall = Stall.push(relay.address(), server, Direction.UPSTREAM, Duration.ZERO)) {
      assertThat(stall.drain(PATIENCE)).containsExactly(Fault.of(Kind.MISSING, 50_000, 1));
    }
  }
}
