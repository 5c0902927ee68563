package dev.fid.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.pipe.PipeStats;
import dev.fid.splice.HalfClose;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Direction;
import dev.fid.testkit.Ending;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.Stall;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import dev.fid.testkit.Wire;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The promises of streams hold through pipes that listen and connect with vsock.
class VsockPipesTest {
  private static final long MIB = 1 << 20;
  private static final long MOST = 64 * MIB;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"tcp,tcp,KEEP", "unix,tcp,END", "tcp,unix,END", "unix,unix,KEEP"})
  void bigStreamsBothWaysAtOnce(String front, String back, HalfClose halfClose) throws Exception {
    TrafficPlan plan =
        new TrafficPlan(8, 16 * MIB)
            .ending(ending(halfClose))
            .pauses(0.002, Duration.ofMillis(3))
            .patience(Chain.PATIENCE);
    assertByTheKernel(run(front, back, halfClose, plan, 1));
  }

  /// The start and the end are where bytes get lost.
  @ParameterizedTest
  @CsvSource({"tcp,tcp,KEEP", "unix,unix,END"})
  void manyStartsAndEnds(String front, String back, HalfClose halfClose) throws Exception {
    TrafficPlan plan =
        new TrafficPlan(8, MIB / 4)
            .ending(ending(halfClose))
            .pauses(0.01, Duration.ofMillis(1))
            .patience(Chain.PATIENCE)
            .seed(100);
    assertByTheKernel(run(front, back, halfClose, plan, 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "unix"})
  void clientsThatSendAndHalfCloseAtOnce(String family) throws Exception {
    TrafficPlan plan = TrafficPlan.shortConnections(500, 16).patience(Chain.PATIENCE);
    // One message each way is relayed, and needs no entry in a map.
    run(family, family, HalfClose.KEEP, plan, 1);
  }

  private List<PipeStats> run(
      String front, String back, HalfClose halfClose, TrafficPlan plan, int runs) throws Exception {
    warmUp();
    OpenFiles before = OpenFiles.self();
    List<PipeStats> all;
    try (BackEnd behind = BackEnd.listen(Addresses.of(back, directory, "back"));
        Chain chain = Chain.open(front, behind.address(), halfClose, directory)) {
      Traffic.repeat(chain.front(), behind, plan, runs).assertClean();
      chain.assertNothingLeftNorDropped();
      all = chain.stats();
      assertThat(all).allSatisfy(stats -> assertThat(stats.aborted()).isZero());
    }
    before.assertBack(Chain.PATIENCE);
    return all;
  }

  /// At least one lane of each pipe: that into a UNIX stream is relayed with `half_close: keep`.
  private static void assertByTheKernel(List<PipeStats> all) {
    for (PipeStats stats : all) {
      assertThat(stats.upstream().kernelBytes() + stats.downstream().kernelBytes()).isPositive();
    }
  }

  private static Ending ending(HalfClose halfClose) {
    return halfClose == HalfClose.KEEP ? Ending.RANDOM : Ending.AT_END;
  }

  /// What the JVM opens once and keeps is open after this.
  private void warmUp() throws Exception {
    for (String family : new String[] {"tcp", "unix"}) {
      try (BackEnd back = BackEnd.listen(Addresses.of(family, directory, "warm"));
          Chain chain = Chain.open(family, back.address(), HalfClose.KEEP, directory)) {
        Traffic.run(chain.front(), back, TrafficPlan.shortConnections(2, 2)).assertClean();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"tcp,UPSTREAM", "tcp,DOWNSTREAM", "unix,UPSTREAM", "unix,DOWNSTREAM"})
  void aPusherIsStoppedAndEverythingArrives(String family, Direction direction) throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.of(family, directory, "back"));
        Chain chain = Chain.open(family, back.address(), HalfClose.END, directory)) {
      try (Stall stall = Stall.push(chain.front(), back, direction, Duration.ofSeconds(5))) {
        assertThat(stall.pushed()).isLessThanOrEqualTo(MOST);
        stall.assertDrains(Chain.PATIENCE);
      }
      chain.assertNothingLeftNorDropped();
    }
  }

  /// vsock has no reset: the other side sees the end, and a writer that it is gone.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aResetEndsBothSides(boolean byClient) throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.tcp());
        Chain chain = Chain.open("tcp", back.address(), HalfClose.KEEP, directory)) {
      try (Wire wire = Wire.open(chain.front(), back, Chain.PATIENCE)) {
        SocketChannel dies = byClient ? wire.client() : wire.server();
        SocketChannel lives = byClient ? wire.server() : wire.client();
        dies.setOption(StandardSocketOptions.SO_LINGER, 0);
        dies.close();
        assertThat(lives.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
      chain.assertNothingLeftNorDropped();
    }
  }
}
