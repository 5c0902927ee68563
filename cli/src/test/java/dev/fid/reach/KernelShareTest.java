package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.splice.HalfClose;
import dev.fid.splice.LaneStats;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Ending;
import dev.fid.testkit.Sizes;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bulk goes through the kernel where the reader keeps up.
@RequiresBpf
final class KernelShareTest {
  private static final long BYTES = 1L << 30;
  private static final long RATE = 400_000_000;

  @TempDir private Path directory;

  /// With a rate that the reader takes.
  @ParameterizedTest
  @CsvSource({
    "TCP_TCP,KEEP",
    "UNIX_TCP,KEEP",
    "TCP_TCP,END",
    "TCP_UNIX,END",
    "UNIX_TCP,END",
    "UNIX_UNIX,END"
  })
  void bulkGoesThroughTheKernel(Pair pair, HalfClose halfClose) throws Exception {
    LaneStats stats = transfer(pair, halfClose, RATE);
    assertThat(share(stats)).as(stats.toString()).isGreaterThan(0.99);
  }

  /// It never runs dry: it is enrolled once little of it is queued.
  @ParameterizedTest
  @CsvSource({"UNIX_TCP,KEEP", "UNIX_TCP,END", "UNIX_UNIX,END"})
  void aUnixSenderAtFullSpeedStaysInTheKernel(Pair pair, HalfClose halfClose) throws Exception {
    LaneStats stats = transfer(pair, halfClose, Long.MAX_VALUE);
    System.out.printf(
        "%s %s at full speed: %.2f %% by kernel%n", pair, halfClose, 100 * share(stats));
    assertThat(share(stats)).as(stats.toString()).isGreaterThan(0.99);
    assertThat(stats.pumpBytes()).isZero();
    assertThat(stats.droppedSkbs()).isZero();
  }

  /// The kernel pauses the sender: what it queued before its FIN, if paused just then, is relayed.
  @ParameterizedTest
  @CsvSource({"TCP_TCP,KEEP", "TCP_TCP,END", "TCP_UNIX,END"})
  void aTcpSenderAtFullSpeedStaysInTheKernel(Pair pair, HalfClose halfClose) throws Exception {
    LaneStats stats = transfer(pair, halfClose, Long.MAX_VALUE);
    System.out.printf(
        "%s %s at full speed: %.2f %% by kernel%n", pair, halfClose, 100 * share(stats));
    assertThat(share(stats)).as(stats.toString()).isGreaterThan(0.99);
    assertThat(stats.pumpBytes()).isZero();
  }

  private LaneStats transfer(Pair pair, HalfClose halfClose, long rate) throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.open(pair, halfClose, directory, back.address())) {
      TrafficPlan plan =
          new TrafficPlan(1, 0)
              .bytes(BYTES, 0)
              .sizes(Sizes.fixed(256 << 10))
              .rate(rate)
              .ending(Ending.AT_END);
      Traffic.run(bed.front(), back, plan).assertClean();
      bed.assertNothingLeft();
      return bed.stats().upstream();
    }
  }

  private static double share(LaneStats stats) {
    return stats.kernelBytes() / (double) stats.bytes();
  }
}
