package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.splice.HalfClose;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Direction;
import dev.fid.testkit.Memory;
import dev.fid.testkit.Stall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who pushes against a reader that does not read is stopped, in both directions of every pair, and
/// everything arrives once it does.
final class PushbackTest {
  private static final long MIB = 1 << 20;
  private static final long MOST = 64 * MIB;
  private static final Duration HOLD_STILL = Duration.ofSeconds(10);

  /// Caches of the kernel, and what else talks TCP in this network namespace.
  private static final long KERNEL_SLACK = 32 * MIB;

  private static final long HEAP_SLACK = 16 * MIB;

  @TempDir private Path directory;

  @Test
  @RequiresBpf
  void aPusherIsStoppedAndMemoryReturns() throws Exception {
    stallAll(true, Duration.ZERO);
    long heap = Memory.heapAfterGc();
    long tcp = Memory.tcp();

    stallAll(true, HOLD_STILL);

    Until.holds(
        () -> "TCP holds " + tcpMemory() + " bytes, before " + tcp,
        () -> tcpMemory() < tcp + KERNEL_SLACK);
    assertThat(Memory.heapAfterGc()).isLessThan(heap + HEAP_SLACK);
  }

  @Test
  void aPusherIsStoppedByTheRelay() throws Exception {
    stallAll(false, Duration.ZERO);
  }

  /// All at once: a stall is mostly waiting.
  private void stallAll(boolean kernel, Duration holdStill) throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> stalls = new ArrayList<>();
      for (Pair pair : Pair.values()) {
        for (HalfClose halfClose : HalfClose.values()) {
          for (Direction direction : Direction.values()) {
            stalls.add(
                threads.submit(() -> {
                  stall(pair, halfClose, direction, kernel, holdStill);
                  return null;
                }));
          }
        }
      }
      for (Future<?> stall : stalls) {
        stall.get();
      }
    }
  }

  private void stall(
      Pair pair, HalfClose halfClose, Direction direction, boolean kernel, Duration holdStill)
      throws Exception {
    Path own = Files.createTempDirectory(directory, "stall");
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, own, "back"));
        Bed bed = Bed.open(Bed.spec(pair, own, back.address()).halfClose(halfClose), kernel)) {
      try (Stall stall = Stall.push(bed.front(), back, direction, holdStill)) {
        assertThat(stall.pushed())
            .as("%s, half_close %s, %s", pair, halfClose, direction)
            .isLessThanOrEqualTo(MOST);
        stall.assertDrains(Bed.PATIENCE);
      }
      bed.assertNothingLeft();
      bed.assertNothingDropped();
    }
  }

  private static long tcpMemory() {
    try {
      return Memory.tcp();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
