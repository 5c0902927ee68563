package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.splice.HalfClose;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Nothing is lost or reordered where everything is relayed in user space either.
final class RelayTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path directory;

  @ParameterizedTest
  @MethodSource("dev.fid.reach.Pair#all")
  void streamsBothWaysAtOnce(Pair pair, HalfClose halfClose) throws Exception {
    TrafficPlan plan =
        new TrafficPlan(8, 16 * MIB)
            .ending(Pair.ending(halfClose))
            .pauses(0.01, Duration.ofMillis(2));
    run(pair, halfClose, plan, 1);
  }

  @ParameterizedTest
  @MethodSource("dev.fid.reach.Pair#all")
  void startsAndEnds(Pair pair, HalfClose halfClose) throws Exception {
    TrafficPlan plan = new TrafficPlan(8, MIB).ending(Pair.ending(halfClose)).randomTotals();
    run(pair, halfClose, plan, 20);
  }

  @ParameterizedTest
  @EnumSource
  void clientsThatSendAndHalfCloseAtOnce(Pair pair) throws Exception {
    run(pair, HalfClose.KEEP, TrafficPlan.shortConnections(2_000, 32), 1);
  }

  private void run(Pair pair, HalfClose halfClose, TrafficPlan plan, int runs) throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.relayed(pair, halfClose, directory, back.address())) {
      Traffic.repeat(bed.front(), back, plan, runs).assertClean();
      bed.assertNothingLeft();
      assertThat(bed.stats().spliced()).isZero();
      assertThat(bed.stats().aborted()).isZero();
    }
  }
}
