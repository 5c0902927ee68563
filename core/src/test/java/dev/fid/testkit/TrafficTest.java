package dev.fid.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.testkit.Fault.Kind;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TrafficTest {
  private static final int MIB = 1024 * 1024;

  /// For what never comes.
  private static final Duration SOON = Duration.ofSeconds(2);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"tcp,tcp", "tcp,unix", "unix,tcp", "unix,unix"})
  void anHonestRelayIsClean(String front, String back) throws Exception {
    TrafficPlan plan = new TrafficPlan(8, 2 * MIB).pauses(0.02, Duration.ofMillis(2));
    TrafficResult result = through(Tamper::none, front, back, plan);
    result.assertClean();
    assertThat(result.bytes(Direction.UPSTREAM)).isEqualTo(16L * MIB);
    assertThat(result.bytes(Direction.DOWNSTREAM)).isEqualTo(16L * MIB);
    assertThat(result.eofs()).isEqualTo(16);
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void everyEndingComesToAnEnd(Ending ending) throws Exception {
    TrafficPlan plan = new TrafficPlan(4, 300_000).ending(ending).sizes(Sizes.between(1, 9000));
    through(Tamper::none, "tcp", "unix", plan).assertClean();
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,100000", "100000,0", "1,1"})
  void anyDirectionMayBeEmpty(long up, long down) throws Exception {
    for (Ending ending : Ending.values()) {
      TrafficPlan plan = new TrafficPlan(2, 0).bytes(up, down).ending(ending);
      through(Tamper::none, "tcp", "tcp", plan).assertClean();
    }
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void aStalledReaderGetsEverythingLater(Direction stalled) throws Exception {
    TrafficPlan plan = new TrafficPlan(2, 8 * MIB).stall(stalled, MIB, Duration.ofMillis(500));
    TrafficResult result = through(Tamper::none, "tcp", "unix", plan).assertClean();
    assertThat(result.duration()).isGreaterThan(Duration.ofMillis(500));
  }

  @Test
  void aSenderKeepsToItsRate() throws Exception {
    TrafficPlan plan = new TrafficPlan(1, 0).bytes(8 * MIB, 0).rate(16 * MIB);
    TrafficResult result = through(Tamper::none, "tcp", "unix", plan).assertClean();
    assertThat(result.duration()).isGreaterThan(Duration.ofMillis(400));
  }

  @Test
  void thousandsOfShortConnections() throws Exception {
    TrafficPlan plan = TrafficPlan.shortConnections(2000, 32);
    through(Tamper::none, "tcp", "unix", plan).assertClean();
  }

  @Test
  void aDroppedByteIsFound() throws Exception {
    assertThat(faults(() -> Tamper.dropByte(1_000_000 + Outflow.HEADER)))
        .containsExactly(Fault.of(Kind.MISSING, 1_000_000, 1));
  }

  @Test
  void aFlippedBitIsFound() throws Exception {
    assertThat(faults(() -> Tamper.flipBit(1_000_000 + Outflow.HEADER)))
        .containsExactly(Fault.of(Kind.CORRUPT, 1_000_000, 1));
  }

  @Test
  void swappedChunksAreFound() throws Exception {
    assertThat(faults(() -> Tamper.swap(1_000_000 + Outflow.HEADER, 5000)))
        .containsExactly(Fault.of(Kind.REORDERED, 1_000_000, 5000));
  }

  @Test
  void aDuplicatedChunkIsFound() throws Exception {
    assertThat(faults(() -> Tamper.duplicate(1_000_000 + Outflow.HEADER, 5000)))
        .containsExactly(Fault.of(Kind.DUPLICATED, 1_000_000, 5000));
  }

  @Test
  void aLostTailIsFound() throws Exception {
    assertThat(faults(() -> Tamper.loseTail(10)))
        .containsExactly(Fault.of(Kind.TRUNCATED, 2 * MIB - 10, 10));
  }

  @Test
  void aDamagedHeaderIsFound() throws Exception {
    TrafficPlan plan = new TrafficPlan(1, MIB).patience(SOON);
    TrafficResult result = through(() -> Tamper.flipBit(3), "tcp", "tcp", plan);
    assertThat(result.unnamed()).extracting(Fault::kind).containsExactly(Kind.BAD_HEADER);
    assertThatThrownBy(result::assertClean).hasMessageContaining("bad header");
  }

  @Test
  void anEofThatNeverComesIsFound() throws Exception {
    assertThat(faults(Tamper::neverEof, SOON)).extracting(Fault::kind).containsExactly(Kind.NO_EOF);
  }

  @Test
  void aRelayThatEndsBothAtTheFirstEofIsFoundUnlessNobodyHalfCloses() throws Exception {
    TrafficPlan plan = new TrafficPlan(4, 2 * MIB).ending(Ending.CLIENT_FIRST);
    assertThat(through(Tamper::firstEofEndsBoth, "tcp", "unix", plan).wrongConnections())
        .isEqualTo(4);
    through(Tamper::firstEofEndsBoth, "tcp", "unix", plan.ending(Ending.AT_END)).assertClean();
  }

  @Test
  void runsAreRepeatedWithOtherSeeds() throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.unix(directory, "back"))) {
      TrafficPlan plan = new TrafficPlan(3, 5000).randomTotals();
      TrafficResult result = Traffic.repeat(back.address(), back, plan, 20).assertClean();
      assertThat(result.flows()).hasSize(2 * 60);
      assertThat(result.flows().getLast().connection()).isEqualTo(59);
      assertThat(result.flows().stream().map(Flow::expected).distinct().count()).isGreaterThan(50);
    }
  }

  @Test
  void aRelayThatStopsIsFound() throws Exception {
    TrafficPlan plan = new TrafficPlan(1, 8 * MIB).patience(SOON);
    TrafficResult result =
        through(() -> bytes -> bytes.limit(bytes.position()), "tcp", "tcp", plan);
    assertThat(result.clean()).isFalse();
  }

  @Test
  void aFrontThatIsNotThereIsFound() throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.tcp())) {
      SocketAddress nobody = Addresses.unix(directory, "gone");
      TrafficResult result = Traffic.run(nobody, back, new TrafficPlan(3, 10).patience(SOON));
      assertThat(result.faults()).containsEntry(Kind.NOT_CONNECTED, 6L);
      assertThat(result.wrongConnections()).isEqualTo(3);
    }
  }

  /// The upstream faults of one connection of 2 MiB.
  private List<Fault> faults(Supplier<Tamper> tamper) throws Exception {
    return faults(tamper, Duration.ofSeconds(10));
  }

  private List<Fault> faults(Supplier<Tamper> tamper, Duration patience) throws Exception {
    TrafficPlan plan = new TrafficPlan(1, 2 * MIB).patience(patience).ending(Ending.BOTH_AT_ONCE);
    TrafficResult result = through(tamper, "tcp", "unix", plan);
    assertThat(result.clean()).isFalse();
    assertThat(result.flows().get(1).faults()).isEmpty();
    return result.flows().getFirst().faults();
  }

  private TrafficResult through(
      Supplier<Tamper> tamper, String front, String back, TrafficPlan plan)
      throws IOException, InterruptedException {
    try (BackEnd server = BackEnd.listen(Addresses.of(back, directory, "back"));
        PlainRelay relay =
            PlainRelay.tampered(
                Addresses.of(front, directory, "front"), server.address(), tamper)) {
      return Traffic.run(relay.address(), server, plan);
    }
  }
}
