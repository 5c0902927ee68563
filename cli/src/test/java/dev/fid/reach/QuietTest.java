package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.pipe.PipeStats;
import dev.fid.splice.HalfClose;
import dev.fid.splice.LaneStats;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Echo;
import dev.fid.testkit.PingPong;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No Java runs for a byte or an skb while the gates are open, and instances do not disturb each
/// other.
@RequiresBpf
final class QuietTest {
  private static final int ROUND_TRIPS = 20_000;

  /// An object of the smallest size for every tenth round trip would be more.
  private static final long MOST_ALLOCATED = 32_000;

  @TempDir private Path directory;

  @Test
  void theLoopsDoNothingWhileTheKernelCarries() throws Exception {
    try (Echo echo = Echo.listen(Addresses.tcp());
        Bed bed = Bed.open(Pair.TCP_TCP, HalfClose.KEEP, directory, echo.address());
        PingPong client = PingPong.open(bed.front(), 1)) {
      client.talk(100, 100, Bed.PATIENCE).assertClean();
      long before = allocatedByLoops();

      client.talk(ROUND_TRIPS, 100, Bed.PATIENCE).assertClean();

      assertThat(allocatedByLoops() - before).isLessThan(MOST_ALLOCATED);
      PipeStats stats = bed.stats();
      for (LaneStats lane : List.of(stats.upstream(), stats.downstream())) {
        assertThat(lane.relayBytes()).as("the first message").isEqualTo(100);
        assertThat(lane.kernelBytes()).isEqualTo((ROUND_TRIPS + 100 - 1) * 100L);
        assertThat(lane.pumpBytes()).isZero();
      }
    }
  }

  @Test
  void instancesDoNotDisturbEachOther() throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.tcp());
        Echo echo = Echo.listen(Addresses.unix(directory, "echo"));
        Bed first = Bed.open(Pair.TCP_TCP, HalfClose.KEEP, directory, back.address())) {
      try (Bed second = Bed.open(Pair.TCP_UNIX, HalfClose.END, directory, echo.address());
          PingPong client = PingPong.open(second.front(), 4)) {
        Traffic.run(first.front(), back, new TrafficPlan(4, 4 << 20)).assertClean();
        client.talk(100, 1000, Bed.PATIENCE).assertClean();
        assertThat(first.stats().spliced()).isEqualTo(4);
        assertThat(second.stats().spliced()).isEqualTo(4);
      }
      Traffic.run(first.front(), back, new TrafficPlan(4, 4 << 20)).assertClean();
      first.assertNothingLeft();
    }
  }

  private static long allocatedByLoops() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("fid-loop"))
        .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.threadId()))
        .sum();
  }
}
