package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotsTest {
  /// System.nanoTime() may be anything, and wraps.
  @ParameterizedTest
  @ValueSource(longs = {0, -5_000_000_000L, Long.MAX_VALUE - 10})
  void aSlotRestsBeforeItIsUsedAgain(long start) {
    AtomicLong now = new AtomicLong(start);
    Slots slots = new Slots(2, now::get);
    assertThat(slots.take()).isZero();
    assertThat(slots.take()).isEqualTo(1);
    assertThat(slots.take()).as("all taken").isEqualTo(-1);

    slots.give(1);
    assertThat(slots.take()).as("just freed").isEqualTo(-1);
    now.addAndGet(Slots.REST_NANOS - 1);
    assertThat(slots.take()).as("a nanosecond early").isEqualTo(-1);
    now.addAndGet(1);
    assertThat(slots.take()).isEqualTo(1);
    assertThat(slots.take()).as("the other is still taken").isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 64})
  void theSlotThatRestedLongestIsNext(int count) {
    AtomicLong now = new AtomicLong();
    Slots slots = new Slots(count, now::get);
    for (int round = 0; round < 3 * count; round++) {
      int slot = slots.take();
      assertThat(slot).isEqualTo(round % count);
      slots.give(slot);
      now.addAndGet(Slots.REST_NANOS);
    }
  }
}
