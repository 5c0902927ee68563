package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.splice.HalfClose;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Memory;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import dev.fid.testkit.Wire;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Under mixed load nothing grows; `-Dfid.soak=10m` says for how long.
@RequiresBpf
final class SoakTest {
  private static final long MIB = 1 << 20;
  private static final long HEAP_SLACK = 8 * MIB;

  /// Three pipes with 32 connections at once, two lanes each, two ends a pipe, and the JVM's own.
  private static final int PIPE_ENDS = 3 * 32 * 2 * 2 + 16;

  @TempDir private Path directory;

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void nothingGrows() throws Exception {
    Duration length = Duration.parse("PT" + System.getProperty("fid.soak", "30s"));
    try (BackEnd tcp = BackEnd.listen(Addresses.tcp());
        BackEnd unix = BackEnd.listen(Addresses.unix(directory, "back"));
        Bed first = Bed.open(Pair.TCP_TCP, HalfClose.KEEP, directory, tcp.address());
        Bed second = Bed.open(Pair.UNIX_UNIX, HalfClose.END, directory, unix.address());
        Bed third = Bed.open(Pair.TCP_UNIX, HalfClose.KEEP, directory, unix.address())) {
      long seed = 0;
      for (; seed < 3; seed++) {
        mixed(first, tcp, HalfClose.KEEP, seed);
        mixed(second, unix, HalfClose.END, seed);
        mixed(third, unix, HalfClose.KEEP, seed);
      }
      OpenFiles files = OpenFiles.self();
      long heap = Memory.heapAfterGc();
      long end = System.nanoTime() + length.toNanos();
      for (; System.nanoTime() < end; seed++) {
        mixed(first, tcp, HalfClose.KEEP, seed);
        mixed(second, unix, HalfClose.END, seed);
        mixed(third, unix, HalfClose.KEEP, seed);
      }
      first.assertNothingLeft();
      second.assertNothingLeft();
      third.assertNothingLeft();
      assertBack(files);
      assertThat(Memory.heapAfterGc()).isLessThan(heap + HEAP_SLACK);
    }
  }

  /// The relay keeps its pipes for the next lanes: as many as lanes had bytes in flight at once.
  private static void assertBack(OpenFiles before) throws Exception {
    long deadline = System.nanoTime() + Bed.PATIENCE.toNanos();
    Map<String, Integer> more = OpenFiles.self().moreThan(before);
    while (!Set.of("pipe").containsAll(more.keySet()) && System.nanoTime() < deadline) {
      Thread.sleep(20);
      more = OpenFiles.self().moreThan(before);
    }
    assertThat(more.keySet()).isSubsetOf("pipe");
    assertThat(OpenFiles.self().count("pipe")).isLessThan(PIPE_ENDS);
  }

  private static void mixed(Bed bed, BackEnd back, HalfClose halfClose, long seed)
      throws Exception {
    TrafficPlan bulk =
        new TrafficPlan(4, 16 * MIB).randomTotals().ending(Pair.ending(halfClose)).seed(seed);
    Traffic.run(bed.front(), back, bulk).assertClean();
    TrafficPlan slow =
        new TrafficPlan(32, 200_000)
            .randomTotals()
            .pauses(0.3, Duration.ofMillis(10))
            .ending(Pair.ending(halfClose))
            .seed(seed);
    Traffic.run(bed.front(), back, slow).assertClean();
    if (halfClose == HalfClose.KEEP) {
      Traffic.run(bed.front(), back, TrafficPlan.shortConnections(500, 32).seed(seed))
          .assertClean();
    }
    for (int i = 0; i < 5; i++) {
      try (Wire wire = Wire.open(bed.front(), back, Bed.PATIENCE)) {
        wire.client().write(ByteBuffer.allocate(100_000));
        // Closed with bytes unread: a reset.
      }
    }
    bed.assertNothingLeft();
  }
}
