package dev.fid.splice;

import static dev.fid.splice.Ends.awaitState;
import static dev.fid.splice.Ends.ended;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A lane's first message is relayed, and what follows goes to the kernel.
@RequiresBpf
class LateStartTest {
  private static final SpliceOptions LATE =
      SpliceOptions.defaults().withHalfClose(HalfClose.END).withLateEnrolment(true);

  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @CsvSource({
    "TCP,TCP",
    "TCP,UNIX_STREAM",
    "UNIX_STREAM,TCP",
    "UNIX_STREAM,UNIX_STREAM",
  })
  void oneMessageEachWayNeedsNoMap(Family near, Family far) throws Exception {
    SpliceOptions keep = LATE.withHalfClose(HalfClose.KEEP);
    try (Ends ends = Ends.of(near, far)) {
      Splice splice = ends.splice(engine.splicer(), keep);
      ends.near.send(64);
      ends.far.receive(64);
      ends.far.send(3000);
      ends.near.receive(3000);
      assertThat(engine.splicer().mapEntries()).isZero();
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      ends.far.close();
      SpliceStats end = ended(splice);
      assertThat(end.outcome()).isInstanceOf(Outcome.Completed.class);
      assertThat(end.upstream().relayBytes()).isEqualTo(64);
      assertThat(end.downstream().relayBytes()).isEqualTo(3000);
    }
  }

  @ParameterizedTest
  @CsvSource({"TCP,100", "UNIX_STREAM,300"})
  void whatFollowsGoesByTheKernel(Family near, long relayed) throws Exception {
    try (Ends ends = Ends.of(near, Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), LATE);
      ends.near.send(100);
      ends.far.receive(100);
      ends.near.send(200);
      ends.far.receive(200);
      awaitState(splice.upstream(), LaneState.KERNEL);
      ends.near.send(400);
      ends.far.receive(400);
      assertThat(splice.stats().upstream().relayBytes()).isEqualTo(relayed);
      assertThat(splice.stats().upstream().kernelBytes()).isEqualTo(700 - relayed);
      assertThat(splice.downstream().state()).isEqualTo(LaneState.RELAY);
    }
  }

  @Test
  void aLongFirstMessageIsNotRelayedToItsEnd() throws Exception {
    try (Ends ends = Ends.tcp()) {
      ends.near.send(60_000);
      ends.awaitNearQueued(60_000);
      Splice splice = ends.splice(engine.splicer(), LATE);
      ends.far.receive(60_000);
      assertThat(splice.stats().upstream().relayBytes()).isEqualTo(Relay.SHORT_BYTES);
      assertThat(splice.stats().upstream().kernelBytes()).isEqualTo(60_000 - Relay.SHORT_BYTES);
    }
  }

  @ParameterizedTest
  @CsvSource({"TCP", "UNIX_STREAM"})
  void whatTheTargetDoesNotTakeOfItFollows(Family near) throws Exception {
    try (Ends ends = Ends.of(near, Family.UNIX_STREAM)) {
      Sockets.setSendBuffer(ends.farFd(), 4096);
      SpliceOptions keep = LATE.withHalfClose(HalfClose.KEEP);
      Splice splice = ends.splice(engine.splicer(), keep);
      ends.near.send(12_000);
      ends.far.receive(12_000);
      for (int round = 0; round < 3; round++) {
        ends.near.send(100_000);
        ends.far.receive(100_000);
        ends.near.send(12_000);
        ends.far.receive(12_000);
      }
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(splice.stats().upstream().relayBytes()).isEqualTo(348_000);
    }
  }

  @ParameterizedTest
  @CsvSource({"TCP", "UNIX_STREAM"})
  void oneThatWaitsForItsSecondMessageCanBeUndone(Family near) throws Exception {
    try (Ends ends = Ends.of(near, Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), LATE);
      ends.near.send(100);
      ends.far.receive(100);
      Unspliced undone = splice.unsplice().toCompletableFuture().join();
      assertThat(undone.stats().outcome()).isEqualTo(new Outcome.Undone());
      assertThat(undone.stats().upstream().relayBytes()).isEqualTo(100);
    }
  }

  /// The kernel takes no socket whose peer has ended: what it sent is relayed.
  @Test
  void aSecondMessageWithTheEndBehindItArrives() throws Exception {
    for (int round = 0; round < 50; round++) {
      try (Ends ends = Ends.tcp()) {
        Splice splice = ends.splice(engine.splicer(), LATE);
        ends.near.send(100);
        ends.far.receive(100);
        ends.near.send(5000).endWriting();
        ends.far.receive(5000);
        assertThat(ends.far.receiveToEnd()).isZero();
        assertThat(ended(splice).upstream().bytes()).isEqualTo(5100);
      }
    }
  }
}
