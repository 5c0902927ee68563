package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class StopSignalTest {
  @Test
  void theFirstAsksAndTheSecondEnds() throws InterruptedException {
    AtomicInteger ended = new AtomicInteger();
    StopSignal stop = new StopSignal(ended::incrementAndGet);

    stop.received();
    stop.await();
    assertThat(ended).hasValue(0);

    stop.received();
    assertThat(ended).hasValue(1);
  }
}
