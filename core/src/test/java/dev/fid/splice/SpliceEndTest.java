package dev.fid.splice;

import static dev.fid.splice.Ends.awaitState;
import static dev.fid.splice.Ends.ended;
import static dev.fid.splice.Ends.onLoop;
import static dev.fid.splice.Ends.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.splice.SpliceStats.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every move of the diagram of [Splice], and what each side sees of it.
@RequiresBpf
class SpliceEndTest {
  private static final SpliceOptions KEEP = SpliceOptions.defaults();
  private static final SpliceOptions END = KEEP.withHalfClose(HalfClose.END);

  @RegisterExtension final Engine engine = new Engine(true);

  private static void assertCounted(Ends ends, SpliceStats end) {
    assertThat(end.upstream().bytes()).as("upstream").isEqualTo(ends.near.sent());
    assertThat(end.downstream().bytes()).as("downstream").isEqualTo(ends.far.sent());
    assertThat(end.upstream().droppedSkbs() + end.downstream().droppedSkbs()).isZero();
  }

  /// Its lane has read the end before the loop hears that it has closed.
  @Test
  void aUnixPeerThatClosedBeforeTheStartEndsBoth() throws Exception {
    try (Ends ends = Ends.of(Family.UNIX_STREAM, Family.TCP)) {
      ends.near.send(50_000);
      ends.near.close();
      Splice splice = ends.splice(engine.splicer(), KEEP);
      ends.far.receive(50_000);
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ended(splice).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TCP,TCP",
    "TCP,UNIX_STREAM",
    "UNIX_STREAM,TCP",
    "UNIX_STREAM,UNIX_STREAM",
  })
  void keepLetsTheOtherDirectionLiveOn(Family near, Family far) throws Exception {
    try (Ends ends = Ends.of(near, far)) {
      Splice splice = ends.splice(engine.splicer(), KEEP);
      assertThat(splice.stats().outcome()).isEqualTo(new Outcome.Live());
      ends.near.send(200_000).endWriting();
      ends.far.receive(200_000);
      assertThat(ends.far.receiveToEnd()).isZero();
      awaitState(splice.upstream(), LaneState.ENDED);
      assertThat(splice.stats().outcome()).as("half-closed").isEqualTo(new Outcome.Live());
      ends.far.send(300_000).endWriting();
      ends.near.receive(300_000);
      assertThat(ends.near.receiveToEnd()).isZero();
      SpliceStats end = ended(splice);
      assertThat(end.outcome()).isEqualTo(new Outcome.Completed());
      assertCounted(ends, end);
      assertThat(splice.stats()).isEqualTo(end);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TCP,TCP",
    "TCP,UNIX_STREAM",
    "UNIX_STREAM,TCP",
    "UNIX_STREAM,UNIX_STREAM",
  })
  void endEndsBothDirectionsAtTheFirstEnd(Family near, Family far) throws Exception {
    try (Ends ends = Ends.of(near, far)) {
      Splice splice = ends.splice(engine.splicer(), END);
      ends.far.send(300_000);
      ends.near.receive(300_000);
      // The kernel takes no target whose peer has sent its FIN.
      awaitState(splice.upstream(), LaneState.KERNEL);
      awaitState(splice.downstream(), LaneState.KERNEL);
      ends.near.send(200_000).endWriting();
      ends.far.receive(200_000);
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ends.near.receiveToEnd()).isZero();
      SpliceStats end = ended(splice);
      assertThat(end.outcome()).isEqualTo(new Outcome.Completed());
      assertThat(end.upstream().plan()).isEqualTo(new LanePlan.InKernel());
      assertThat(end.downstream().plan()).isEqualTo(new LanePlan.InKernel());
      assertCounted(ends, end);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP", "UNIX_STREAM"})
  void aResetOfEitherSideEndsTheOther(Family far) throws Exception {
    try (Ends ends = Ends.of(Family.TCP, far)) {
      Splice splice = ends.splice(engine.splicer(), KEEP);
      ends.near.send(1000);
      ends.far.receive(1000);
      ends.near.reset();
      long end = ends.far.receiveToEnd();
      assertThat(end).isEqualTo(far == Family.TCP ? -Errno.ECONNRESET : 0);
      assertAborted(splice, "ECONNRESET");
    }
  }

  @Test
  void aResetOfTheSecondSideResetsTheFirst() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), KEEP);
      ends.far.send(1000);
      ends.near.receive(1000);
      ends.far.reset();
      assertThat(ends.near.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
      assertAborted(splice, "ECONNRESET");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theLastBytesOfAUnixPeerThatDidNotReadArrive(HalfClose halfClose) throws Exception {
    try (Ends ends = Ends.of(Family.UNIX_STREAM, Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), KEEP.withHalfClose(halfClose));
      ends.far.send(1000);
      ends.near.awaitQueued(1000);
      ends.near.send(50_000).close();
      ends.far.receive(50_000);
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ended(splice).upstream().bytes()).isEqualTo(50_000);
    }
  }

  /// The kernel drops what waits for a UNIX socket whose peer half-closes; nothing prevents it.
  /// With a limit of 2 the gate is shut by then, with a large one it is open.
  @ParameterizedTest
  @ValueSource(ints = {2, 1_000_000})
  void whatAUnixPeersHalfCloseLosesIsDetected(int limit) throws Exception {
    SpliceOptions small = END.withSendBuffer(64 << 10).withBacklog(limit);
    try (Ends ends = Ends.of(Family.TCP, Family.UNIX_STREAM)) {
      Splice splice = ends.splice(engine.splicer(), small);
      awaitState(splice.upstream(), LaneState.KERNEL);
      ends.near.offer(4 << 20);
      until(() -> splice.stats().upstream().maxBacklog() > 1);
      ends.far.endWriting();
      SpliceStats end = ended(splice);
      assertThat(end.outcome()).isInstanceOf(Outcome.Aborted.class);
      assertThat(end.upstream().lostSkbs()).isPositive();
      assertThat(ends.near.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
    }
  }

  @Test
  void onlyWhatMovedNothingIsIdle() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), KEEP.withIdleTimeout(Duration.ofHours(1)));
      for (int round = 0; round < 3; round++) {
        check(splice);
        assertThat(splice.stats().outcome()).isEqualTo(new Outcome.Live());
        (round == 1 ? ends.far : ends.near).send(1);
        (round == 1 ? ends.near : ends.far).receive(1);
      }
      check(splice);
      check(splice);
      assertAborted(splice, "idle for PT1H");
      assertThat(ends.near.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
    }
  }

  private static void check(Splice splice) {
    onLoop(
        splice,
        () -> {
          splice.checkIdle();
          return true;
        });
  }

  @Test
  void anIdleSpliceEndsByTheClock() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), KEEP.withIdleTimeout(Duration.ofMillis(20)));
      assertAborted(splice, "idle for PT0.02S");
    }
  }

  @Test
  void theApplicationEndsItFromAnyThread() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), KEEP);
      ends.near.send(1000);
      ends.far.receive(1000);
      splice.close();
      splice.close();
      assertAborted(splice, "closed by the application");
      assertThat(ended(splice).upstream().bytes()).isEqualTo(1000);
      assertThat(ends.near.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
      assertThat(ends.far.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
    }
  }

  /// One end sends for ever, so the cut comes in the middle of its stream: what the other has sent
  /// before its own end must arrive all the same.
  @Test
  void theCutOfOneDirectionTakesNothingFromTheOther() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), END);
      ends.near.send(4 << 20).endWriting();
      until(() -> {
        ends.far.offer(64 << 10);
        return Ends.state(splice.upstream()) == LaneState.ENDED;
      });
      ends.far.receive(4 << 20);
    }
  }

  private static void assertAborted(SpliceHandle splice, String reason) {
    assertThat(ended(splice).outcome())
        .isInstanceOfSatisfying(
            Outcome.Aborted.class, aborted -> assertThat(aborted.reason()).contains(reason));
  }
}
