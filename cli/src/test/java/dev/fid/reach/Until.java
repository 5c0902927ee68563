package dev.fid.reach;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for what another thread or process is about to do.
final class Until {
  private Until() {}

  static void holds(Supplier<String> state, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Bed.PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it stays so: " + state.get());
      }
      Thread.sleep(10);
    }
  }
}
