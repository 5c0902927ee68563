package dev.fid.splice;

import static dev.fid.splice.Ends.awaitState;
import static dev.fid.splice.Ends.ended;
import static dev.fid.splice.Ends.state;
import static dev.fid.splice.Ends.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A lane that the kernel has paused, and that user space then relays until it is quiet.
@RequiresBpf
class BulkTest {
  private static final SpliceOptions RELAYED =
      SpliceOptions.defaults()
          .withSendBuffer(1 << 20)
          .withBacklog(4)
          .withHalfClose(HalfClose.END)
          .withBulk(Bulk.RELAY);

  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @EnumSource(names = {"TCP", "UNIX_STREAM"})
  void isRelayedFromThePauseUntilItIsQuiet(Family far) throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), far)) {
      Splice splice = ends.splice(engine.splicer(), RELAYED);
      Lane lane = splice.upstream();
      awaitState(lane, LaneState.KERNEL);
      for (int round = 0; round < 3; round++) {
        LaneStats before = lane.stats();
        long sent = fill(ends, lane);
        ends.far.receive(sent);
        until(() -> state(lane) == LaneState.KERNEL && !lane.gate().isPaused());
        LaneStats after = lane.stats();
        // More than one where the sender was slow, and the lane took it for quiet.
        assertThat(after.gateClosings()).isGreaterThan(before.gateClosings());
        assertThat(after.relayBytes()).isGreaterThan(before.relayBytes());
        ends.near.send(1000);
        ends.far.receive(1000);
        assertThat(lane.stats().relayBytes()).isEqualTo(after.relayBytes());
        assertThat(lane.stats().kernelBytes()).isEqualTo(after.kernelBytes() + 1000);
      }
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      LaneStats upstream = ended(splice).upstream();
      assertThat(upstream.bytes()).isEqualTo(ends.near.sent());
      assertThat(upstream.passedSkbs()).isZero();
    }
  }

  @Test
  void isNotWhatComesInShortSkbs() throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
      Sockets.setNoDelay(ends.near.fd(), true);
      Splice splice = ends.splice(engine.splicer(), RELAYED);
      Lane lane = splice.upstream();
      awaitState(lane, LaneState.KERNEL);
      LaneState[] seen = {LaneState.KERNEL};
      until(() -> {
        ends.near.offer(500);
        seen[0] = state(lane);
        return seen[0] != LaneState.KERNEL;
      });
      assertThat(seen[0]).isEqualTo(LaneState.PAUSED);
      ends.far.receive(ends.near.sent());
    }
  }

  @Test
  void whatWasSentBeforeTheEndArrives() throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
      Splice splice = paused(ends);
      ends.near.endWriting();
      ends.far.receive(ends.near.sent());
      assertThat(ends.far.receiveToEnd()).isZero();
      SpliceStats stats = ended(splice);
      assertThat(stats.outcome()).isInstanceOf(Outcome.Completed.class);
      assertThat(stats.upstream().bytes()).isEqualTo(ends.near.sent());
    }
  }

  @Test
  void aResetIsCarried() throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
      Splice splice = paused(ends);
      ends.near.reset();
      assertThat(ends.far.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
      assertThat(ended(splice).outcome()).isInstanceOf(Outcome.Aborted.class);
    }
  }

  @Test
  void theEndOfTheOtherLaneCutsIt() throws Exception {
    try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
      Splice splice = paused(ends);
      ends.far.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ends.far.received()).isLessThan(ends.near.sent());
      ended(splice);
    }
  }

  private Splice paused(Ends ends) {
    Splice splice = ends.splice(engine.splicer(), RELAYED);
    awaitState(splice.upstream(), LaneState.KERNEL);
    fill(ends, splice.upstream());
    return splice;
  }

  /// Sends until no more can be sent. The lane waits for its target's backlog, or relays already.
  private static long fill(Ends ends, Lane lane) {
    long before = ends.near.sent();
    until(() -> ends.near.offer(1 << 20) == 0 && state(lane) != LaneState.KERNEL);
    return ends.near.sent() - before;
  }
}
