package dev.fid.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PingPongTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "unix"})
  void aCrowdTalksAndTalksAgain(String family) throws Exception {
    try (Echo echo = Echo.listen(Addresses.of(family, directory, "echo"));
        PingPong crowd = PingPong.open(echo.address(), 500)) {
      assertThat(crowd.size()).isEqualTo(500);
      assertThat(crowd.talk(3, 1000, PATIENCE).assertClean().roundTrips()).isEqualTo(1500);
      assertThat(crowd.talk(2, 200_000, PATIENCE).assertClean().roundTrips()).isEqualTo(1000);
      assertThat(echo.accepted()).isEqualTo(500);
      assertThat(echo.open()).isEqualTo(500);
    }
  }

  @Test
  void wrongBytesAreFound() throws Exception {
    try (Echo echo = Echo.listen(Addresses.tcp());
        PlainRelay relay =
            PlainRelay.tampered(Addresses.tcp(), echo.address(), () -> Tamper.flipBit(5000));
        PingPong crowd = PingPong.open(relay.address(), 2)) {
      PingPong.Result result = crowd.talk(10, 1000, PATIENCE);
      assertThat(result.wrong()).containsEntry("wrong byte", 2);
      assertThat(result.roundTrips()).isEqualTo(10);
      assertThatThrownBy(result::assertClean).hasMessageContaining("wrong byte=2");
    }
  }

  @Test
  void bytesThatNeverComeAreFound() throws Exception {
    try (Echo echo = Echo.listen(Addresses.tcp());
        PlainRelay relay =
            PlainRelay.tampered(Addresses.tcp(), echo.address(), () -> Tamper.dropByte(0));
        PingPong crowd = PingPong.open(relay.address(), 1)) {
      PingPong.Result result = crowd.talk(1, 1, Duration.ofMillis(200));
      assertThat(result.wrong()).containsEntry("silent", 1);
    }
  }

  @Test
  void anEchoThatIsGoneIsFound() throws Exception {
    PingPong crowd;
    try (Echo echo = Echo.listen(Addresses.tcp())) {
      crowd = PingPong.open(echo.address(), 4);
      crowd.talk(1, 10, PATIENCE).assertClean();
    }
    try (crowd) {
      assertThat(crowd.talk(1, 10, PATIENCE).wrong().values()).containsExactly(4);
      assertThat(crowd.talk(1, 10, PATIENCE).roundTrips()).isZero();
    }
  }

  @Test
  void aFrontThatIsNotThereIsSaid() {
    SocketAddress nobody = Addresses.unix(directory, "nobody");
    assertThatThrownBy(() -> PingPong.open(nobody, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nobody");
  }
}
