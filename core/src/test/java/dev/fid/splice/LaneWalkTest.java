package dev.fid.splice;

import static dev.fid.splice.Ends.awaitState;
import static dev.fid.splice.Ends.ended;
import static dev.fid.splice.Ends.onLoop;
import static dev.fid.splice.Ends.state;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Sockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Every move of the diagram of [LaneState].
@RequiresBpf
class LaneWalkTest {
  private static final SpliceOptions SMALL =
      SpliceOptions.defaults().withSendBuffer(64 << 10).withHalfClose(HalfClose.END);
  private static final long MIB = 1 << 20;

  @RegisterExtension final Engine engine = new Engine(true);

  @Test
  void tcpRelayKernelPumpKernelEnded() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.unstarted(engine.splicer(), SMALL.withBacklog(2));
      Lane lane = splice.upstream();
      assertThat(lane.state()).isEqualTo(LaneState.RELAY);
      splice.loop().run(splice::start);
      awaitState(lane, LaneState.KERNEL);
      ends.near.send(1000);
      ends.far.receive(1000);
      assertThat(state(lane)).isEqualTo(LaneState.KERNEL);

      for (int round = 1; round <= 3; round++) {
        long sent = Ends.fill(ends, lane);
        assertThat(lane.stats().gateClosings()).isGreaterThanOrEqualTo(round);
        ends.far.receive(sent);
        awaitState(lane, LaneState.KERNEL);
      }
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      SpliceStats end = ended(splice);
      assertThat(state(lane)).isEqualTo(LaneState.ENDED);
      assertThat(end.upstream().kernelBytes()).isPositive();
      assertThat(end.upstream().pumpBytes()).isPositive();
      assertThat(end.upstream().bytes()).isEqualTo(ends.near.sent());
    }
  }

  @Test
  void aPumpThatEndsGivesEverythingFirst() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), SMALL.withBacklog(2));
      long sent = Ends.fill(ends, splice.upstream());
      ends.near.endWriting();
      ends.far.receive(sent);
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ended(splice).upstream().bytes()).isEqualTo(sent);
    }
  }

  @Test
  void drainingWaitsForTheReader() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), SMALL.withBacklog(1_000_000));
      Lane lane = splice.upstream();
      awaitState(lane, LaneState.KERNEL);
      ends.near.send(8 * MIB).endWriting();
      awaitState(lane, LaneState.DRAINING);
      ends.far.receive(4 * MIB);
      ends.far.receive(4 * MIB);
      assertThat(ends.far.receiveToEnd()).isZero();
      SpliceStats end = ended(splice);
      assertThat(end.upstream().kernelBytes()).isEqualTo(8 * MIB);
      assertThat(end.upstream().maxBacklog()).isPositive();
    }
  }

  @Test
  void unixRelayKernelRecoveringRelayKernelEnded() throws Exception {
    try (Ends ends = Ends.of(Family.UNIX_STREAM, Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), SMALL);
      Lane lane = splice.upstream();
      awaitState(lane, LaneState.KERNEL);
      long redirected = ends.near.offer(MIB);
      onLoop(
          splice,
          () -> {
            lane.recover();
            return lane.state();
          });
      // Evicted: what comes now is queued on the source, behind the target's backlog.
      long queued = ends.near.offer(100);
      assertThat(state(lane)).isEqualTo(LaneState.RECOVERING);
      ends.far.receive(redirected + queued);
      awaitState(lane, LaneState.KERNEL);
      ends.near.send(1000).endWriting();
      ends.far.receive(1000);
      assertThat(ends.far.receiveToEnd()).isZero();
      SpliceStats end = ended(splice);
      assertThat(end.upstream().bytes()).isEqualTo(ends.near.sent());
      assertThat(end.upstream().relayBytes()).isGreaterThanOrEqualTo(queued);
    }
  }

  /// More is queued than a lane relays before it is enrolled all the same, so skbs lag behind; then
  /// the source is quiet.
  @Test
  void whatLagsBehindArrivesThoughTheSourceIsQuiet() throws Exception {
    try (Ends ends = Ends.of(Family.UNIX_STREAM, Family.TCP)) {
      Sockets.setSendBuffer(ends.near.fd(), 32 << 20);
      long queued = ends.near.offer(12 * MIB);
      assertThat(queued).isGreaterThan(6 * MIB);
      Splice splice = ends.splice(engine.splicer(), SMALL);
      ends.far.receive(queued);
      awaitState(splice.upstream(), LaneState.KERNEL);
      // Again, by the ordinary way: one more skb that finds the lane without a lag.
      ends.near.send(1000);
      ends.far.receive(1000);
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ended(splice).upstream().bytes()).isEqualTo(queued + 1000);
    }
  }

  @Test
  void aLagAtTheEndIsRecovered() throws Exception {
    try (Ends ends = Ends.of(Family.UNIX_STREAM, Family.TCP)) {
      Sockets.setSendBuffer(ends.near.fd(), 32 << 20);
      long queued = ends.near.offer(12 * MIB);
      ends.splice(engine.splicer(), SMALL);
      ends.near.endWriting();
      ends.far.receive(queued);
      assertThat(ends.far.receiveToEnd()).isZero();
    }
  }

  @Test
  void aRelayedLaneEndsByItself() throws Exception {
    try (Ends ends = Ends.of(Family.TCP, Family.UNIX_STREAM)) {
      Splice splice = ends.splice(engine.splicer(), SMALL.withHalfClose(HalfClose.KEEP));
      Lane lane = splice.upstream();
      ends.near.send(MIB / 8);
      ends.far.receive(MIB / 8);
      assertThat(state(lane)).isEqualTo(LaneState.RELAY);
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      awaitState(lane, LaneState.ENDED);
      assertThat(splice.stats().outcome()).isEqualTo(new SpliceStats.Outcome.Live());
    }
  }
}
