package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.PipeStats;
import dev.fid.splice.Bulk;
import dev.fid.splice.HalfClose;
import dev.fid.splice.LaneStats;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Ending;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import dev.fid.testkit.TrafficResult;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Nothing is lost or reordered on its way through the kernel, from the first byte to the last.
@RequiresBpf
final class StreamsTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path directory;

  @ParameterizedTest
  @MethodSource("dev.fid.reach.Pair#all")
  void bigStreamsBothWaysAtOnce(Pair pair, HalfClose halfClose) throws Exception {
    TrafficPlan plan =
        new TrafficPlan(8, 256 * MIB)
            .ending(Pair.ending(halfClose))
            .pauses(0.002, Duration.ofMillis(3));
    run(pair, halfClose, plan, 1);
  }

  @ParameterizedTest
  @MethodSource("dev.fid.reach.Pair#all")
  void hundredsOfStartsAndEnds(Pair pair, HalfClose halfClose) throws Exception {
    TrafficPlan plan =
        new TrafficPlan(8, 2 * MIB)
            .ending(Pair.ending(halfClose))
            .pauses(0.01, Duration.ofMillis(1))
            .seed(100);
    run(pair, halfClose, plan, 250);
  }

  /// Lanes come and go between kernel and relay.
  @ParameterizedTest
  @CsvSource({"TCP_TCP", "TCP_UNIX", "UNIX_TCP"})
  void bulkThatIsRelayed(Pair pair) throws Exception {
    TrafficPlan plan =
        new TrafficPlan(8, 32 * MIB).ending(Ending.AT_END).pauses(0.01, Duration.ofMillis(30));
    Bed.warmUp(pair, directory);
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.open(bulk(pair, back), true)) {
      Traffic.repeat(bed.front(), back, plan, 1).assertClean();
      bed.assertNothingLeft();
      bed.assertNothingDropped();
      PipeStats stats = bed.stats();
      assertThat(stats.aborted()).isZero();
      LaneStats both = stats.upstream().plus(stats.downstream());
      assertThat(both.gateClosings()).isPositive();
      assertThat(both.relayBytes()).isPositive();
      assertThat(both.kernelBytes()).isPositive();
    }
  }

  /// Little may wait in the kernel, so that lanes are paused often.
  private PipeSpec.Builder bulk(Pair pair, BackEnd back) {
    return Bed.spec(pair, directory, back.address())
        .halfClose(HalfClose.END)
        .bulk(Bulk.RELAY)
        .backlog(4)
        .sendBuffer(256 << 10);
  }

  @ParameterizedTest
  @CsvSource({"TCP_TCP", "TCP_UNIX", "UNIX_TCP", "UNIX_UNIX"})
  void clientsThatSendAndHalfCloseAtOnce(Pair pair) throws Exception {
    run(pair, HalfClose.KEEP, TrafficPlan.shortConnections(20_000, 32), 1);
  }

  private void run(Pair pair, HalfClose halfClose, TrafficPlan plan, int runs) throws Exception {
    Bed.warmUp(pair, directory);
    OpenFiles before = OpenFiles.self();
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.open(pair, halfClose, directory, back.address())) {
      TrafficResult result = Traffic.repeat(bed.front(), back, plan, runs);
      result.assertClean();
      bed.assertNothingLeft();
      bed.assertNothingDropped();
      assertThat(bed.stats().aborted()).isZero();
    }
    before.assertBack(Bed.PATIENCE);
  }
}
