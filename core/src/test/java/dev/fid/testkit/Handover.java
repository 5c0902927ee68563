package dev.fid.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.fid.splice.LaneStats;
import dev.fid.splice.SpliceStats;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Messages are relayed at first: until the relay has found nothing more to receive, and in a
/// pipe's session for a grace period, too. How many those are depends on how slow the relay is.
public final class Handover {
  private static final int MOST = 100_000;

  private Handover() {}

  /// Sends a message one way or both, and receives it.
  @FunctionalInterface
  public interface Exchange {
    void run(int number) throws Exception;
  }

  /// Exchanges message after message until the kernel has moved one in each direction: the number
  /// of the next.
  @CanIgnoreReturnValue
  public static int await(Supplier<SpliceStats> splice, Exchange exchange) throws Exception {
    return await(() -> relays(splice.get().upstream(), splice.get().downstream()), exchange);
  }

  /// The same, as long as something `relays`.
  @CanIgnoreReturnValue
  public static int await(BooleanSupplier relays, Exchange exchange) throws Exception {
    int number = 0;
    while (relays.getAsBoolean()) {
      assertThat(number).as("messages, and they are relayed still").isLessThan(MOST);
      exchange.run(number++);
    }
    return number;
  }

  /// Whether the kernel has not moved a message on one of the lanes.
  public static boolean relays(LaneStats... lanes) {
    return Stream.of(lanes).anyMatch(lane -> lane.redirectedSkbs() == 0);
  }
}
