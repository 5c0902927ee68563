package dev.fid.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourcesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// For what never comes.
  private static final Duration SOON = Duration.ofMillis(100);

  @TempDir Path directory;

  @Test
  void anOpenSocketAndAnOpenSelectorAreCounted() throws Exception {
    warmUp();
    OpenFiles before = OpenFiles.self();
    try (SocketChannel socket = SocketChannel.open();
        Selector selector = Selector.open()) {
      assertThat(socket.isOpen() && selector.isOpen()).isTrue();
      assertThat(OpenFiles.self().moreThan(before))
          .containsEntry("socket", 1)
          .containsEntry("anon_inode:[eventpoll]", 1);
      assertThatThrownBy(() -> before.assertBack(SOON)).hasMessageContaining("socket=1");
    }
    before.assertBack(PATIENCE);
  }

  @Test
  void theKitLeavesNothingOpen() throws Exception {
    everything();
    OpenFiles before = OpenFiles.self();
    everything();
    before.assertBack(PATIENCE);
  }

  @Test
  void memoryIsRead() throws Exception {
    assertThat(Memory.heapAfterGc()).isPositive();
    assertThat(Memory.resident(ProcessHandle.current().pid())).isGreaterThan(1 << 20);
    assertThat(Memory.available()).isPositive();
    assertThat(Memory.tcp()).isNotNegative();
  }

  private static void warmUp() throws Exception {
    try (SocketChannel socket = SocketChannel.open();
        Selector selector = Selector.open()) {
      assertThat(socket.isOpen() && selector.isOpen()).isTrue();
    }
  }

  private void everything() throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.unix(directory, "back"));
        PlainRelay relay = PlainRelay.honest(Addresses.tcp(), back.address())) {
      Traffic.run(relay.address(), back, TrafficPlan.shortConnections(200, 16)).assertClean();
      try (Wire wire = Wire.open(relay.address(), back, PATIENCE)) {
        assertThat(wire.server().isConnected()).isTrue();
      }
    }
    try (Echo echo = Echo.listen(Addresses.tcp());
        PingPong crowd = PingPong.open(echo.address(), 50)) {
      crowd.talk(2, 100, PATIENCE).assertClean();
    }
  }
}
