package dev.fid.testkit;

import java.time.Duration;

/// How long the kit waits for what must come: so many times what a test says, with
/// `-Dfid.patience=TIMES`, where the processor is emulated.
final class Patience {
  private static final int TIMES = Integer.getInteger("fid.patience", 1);

  private Patience() {}

  static Duration of(Duration said) {
    return said.multipliedBy(TIMES);
  }
}
