package dev.fid.testkit;

import java.time.Duration;

/// How long tests wait for what must come: so many times what a test says, with
/// `-Dfid.patience=TIMES`, where the processor is emulated.
public final class Patience {
  private static final int TIMES = Integer.getInteger("fid.patience", 1);

  private Patience() {}

  public static Duration of(Duration said) {
    return said.multipliedBy(TIMES);
  }
}
