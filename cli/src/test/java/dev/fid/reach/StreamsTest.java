package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.splice.HalfClose;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
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
