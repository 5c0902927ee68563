package dev.fid.cli;

import java.util.function.BooleanSupplier;

/// Waits for what another process or thread is about to do.
final class Eventually {
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private Eventually() {}

  static void holds(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("still not so: " + what);
      }
      Thread.sleep(10);
    }
  }
}
