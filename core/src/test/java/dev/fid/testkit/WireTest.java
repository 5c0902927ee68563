package dev.fid.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WireTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir Path directory;

  @Test
  void bothEndsAreTheSameConnection() throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.unix(directory, "back"));
        PlainRelay relay = PlainRelay.honest(Addresses.tcp(), back.address());
        Wire wire = Wire.open(relay.address(), back, PATIENCE)) {
      wire.client().write(ByteBuffer.wrap(new byte[] {42}));
      ByteBuffer read = ByteBuffer.allocate(8);
      assertThat(wire.server().read(read)).isEqualTo(1);
      assertThat(read.get(0)).isEqualTo((byte) 42);
      wire.server().shutdownOutput();
      assertThat(wire.client().read(read)).isEqualTo(-1);
    }
  }

  @Test
  void aResetIsOne() throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.tcp());
        Wire wire = Wire.open(back.address(), back, PATIENCE)) {
      Wire.reset(wire.client());
      assertThatThrownBy(() -> wire.server().read(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void aBackEndThatNothingReachesIsSaid() throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.tcp());
        BackEnd elsewhere = BackEnd.listen(Addresses.tcp())) {
      assertThatThrownBy(() -> Wire.open(elsewhere.address(), back, Duration.ofMillis(50)))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }
}
