package dev.fid.cli.bench;

import dev.fid.cli.bench.load.Cpu;

/// Looks how busy the machine is before anything is measured.
final class IdleCheck {
  private static final long MILLIS = 1000;

  private IdleCheck() {}

  /// How many processors' worth of work is done by others now.
  static double busyProcessors() {
    double before = Cpu.seconds();
    long start = System.nanoTime();
    try {
      Thread.sleep(MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return (Cpu.seconds() - before) / ((System.nanoTime() - start) / 1e9);
  }
}
