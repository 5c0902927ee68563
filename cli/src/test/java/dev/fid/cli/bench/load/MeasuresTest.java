package dev.fid.cli.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MeasuresTest {
  private static final int AMOUNT = 64 << 20;
  private static final double WORK_SECONDS = 0.3;

  @Test
  void whatThisProcessComputesIsInTheMachinesTime() {
    double before = Cpu.seconds();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    long sum = 0;
    while (threads.getCurrentThreadCpuTime() - start < WORK_SECONDS * 1e9) {
      sum++;
    }
    assertThat(sum).isPositive();
    // In ticks.
    assertThat(Cpu.seconds() - before).isPositive();
  }

  @Test
  void memoryIsThatOfTheProcess() throws Exception {
    long pid = ProcessHandle.current().pid();
    MemoryUse before = MemoryUse.of(pid);
    try (Arena arena = Arena.ofConfined()) {
      arena.allocate(AMOUNT).fill((byte) 1);
      MemoryUse after = MemoryUse.of(pid);
      assertThat(after.resident() - before.resident()).isGreaterThan(AMOUNT / 2);
      assertThat(after.proportional()).isPositive().isLessThanOrEqualTo(after.resident());
      assertThat(after.kernel()).isGreaterThan(1 << 20);
    }
  }

  @Test
  void descendantsCount() throws Exception {
    Process child = new ProcessBuilder("sh", "-c", "sleep 60; true").start();
    try {
      Optional<ProcessHandle> sleep = sleepOf(child);
      while (sleep.isEmpty()) {
        Thread.sleep(1);
        sleep = sleepOf(child);
      }
      assertThat(MemoryUse.of(child.pid()).resident())
          .isGreaterThan(MemoryUse.of(sleep.get().pid()).resident());
    } finally {
      child.descendants().forEach(ProcessHandle::destroy);
      child.destroy();
    }
  }

  /// Not before it is itself: until then it is a copy of the shell, and may be given more memory.
  private static Optional<ProcessHandle> sleepOf(Process shell) {
    return shell
        .descendants()
        .filter(child -> child.info().command().filter(path -> path.endsWith("sleep")).isPresent())
        .findFirst();
  }

  @Test
  void noProcessHasNoMemory() throws Exception {
    assertThat(MemoryUse.of(0).proportional()).isZero();
  }
}
