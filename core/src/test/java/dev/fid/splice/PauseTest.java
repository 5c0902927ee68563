package dev.fid.splice;

import static dev.fid.splice.Ends.awaitState;
import static dev.fid.splice.Ends.ended;
import static dev.fid.splice.Ends.fill;
import static dev.fid.splice.Ends.state;
import static dev.fid.splice.Ends.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.splice.SpliceStats.Outcome;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A TCP source that the kernel takes out of its map, and what may happen meanwhile.
@RequiresBpf
class PauseTest {
  private static final SpliceOptions SMALL =
      SpliceOptions.defaults().withSendBuffer(1 << 20).withBacklog(4).withHalfClose(HalfClose.END);

  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @EnumSource(names = {"TCP", "UNIX_STREAM"})
  void everyByteOfAPausedSourceGoesByTheKernel(Family far) throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), far)) {
      everyByteGoesByTheKernel(ends);
    }
  }

  @Test
  void everyByteOfAPausedBackEndGoesByTheKernel() throws Exception {
    try (Ends ends = Ends.pausableBackEnd(engine.splicer())) {
      everyByteGoesByTheKernel(ends);
    }
  }

  private void everyByteGoesByTheKernel(Ends ends) throws Exception {
    Splice splice = ends.splice(engine.splicer(), SMALL);
    Lane lane = splice.upstream();
    awaitState(lane, LaneState.KERNEL);
    int entries = engine.splicer().mapEntries();
    for (int round = 1; round <= 5; round++) {
      long before = ends.near.sent();
      // Sends on while it waits: a pause is over when there is room.
      until(() ->
          ends.near.offer(1 << 20) == 0
              && state(lane) == LaneState.PAUSED
              && engine.splicer().mapEntries() < entries);
      assertThat(lane.stats().gateClosings()).isGreaterThanOrEqualTo(round);
      ends.far.receive(ends.near.sent() - before);
      until(() -> state(lane) == LaneState.KERNEL && engine.splicer().mapEntries() == entries);
    }
    ends.near.endWriting();
    assertThat(ends.far.receiveToEnd()).isZero();
    LaneStats upstream = ended(splice).upstream();
    assertThat(upstream.kernelBytes()).isEqualTo(ends.near.sent());
    assertThat(upstream.passedSkbs()).isZero();
    assertThat(upstream.relayBytes()).isZero();
  }

  @Test
  void whatWasSentBeforeTheEndOfAPausedSourceArrives() throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), SMALL);
      whilePaused(
          ends,
          splice,
          () -> {
            ends.near.send(4 << 10).endWriting();
            until(ends::nearSawEnd);
          });
      ends.far.receive(ends.near.sent());
      assertThat(ends.far.receiveToEnd()).isZero();
      LaneStats upstream = ended(splice).upstream();
      assertThat(upstream.bytes()).isEqualTo(ends.near.sent());
      assertThat(upstream.relayBytes()).as("a source with a FIN does not come back").isPositive();
    }
  }

  @Test
  void theOtherDirectionGoesOnMeanwhile() throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), SMALL);
      awaitState(splice.downstream(), LaneState.KERNEL);
      whilePaused(
          ends,
          splice,
          () -> {
            for (int round = 0; round < 100; round++) {
              ends.far.send(1000);
              ends.near.receive(1000);
            }
          });
      assertThat(splice.stats().downstream().kernelBytes()).isEqualTo(100_000);
      ends.far.receive(ends.near.sent());
      ends.near.close();
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ended(splice).outcome()).isInstanceOf(Outcome.Completed.class);
    }
  }

  /// Does something while the kernel has the upstream source paused. The loop is held up meanwhile,
  /// so that it stays so.
  private static void whilePaused(Ends ends, Splice splice, Runnable task) throws Exception {
    Lane lane = splice.upstream();
    awaitState(lane, LaneState.KERNEL);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Future<?> held =
        splice
            .loop()
            .eventLoop()
            .submit(() -> {
              begun.countDown();
              release.await();
              return null;
            });
    begun.await();
    try {
      do {
        ends.near.send(4 << 10);
      } while (!lane.gate().isPaused());
      task.run();
      assertThat(lane.gate().isPaused()).isTrue();
    } finally {
      release.countDown();
    }
    held.get();
  }

  @Test
  void aResetOfAPausedSourceIsCarried() throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), SMALL);
      fill(ends, splice.upstream(), LaneState.PAUSED);
      ends.near.reset();
      assertThat(ends.far.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
      assertThat(ended(splice).outcome()).isInstanceOf(Outcome.Aborted.class);
    }
  }

  @Test
  void theEndOfTheOtherLaneCutsAPausedOne() throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), SMALL);
      fill(ends, splice.upstream(), LaneState.PAUSED);
      ends.far.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ends.far.received()).isLessThan(ends.near.sent());
      ended(splice);
    }
  }
}
