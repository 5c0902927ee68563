package dev.fid.splice;

import static dev.fid.splice.Ends.awaitState;
import static dev.fid.splice.Ends.ended;
import static dev.fid.splice.Ends.onLoop;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@RequiresBpf
class BacklogsTest {
  /// More than one query asks for.
  private static final int MANY = 100;

  private static final SpliceOptions OPTIONS =
      SpliceOptions.defaults().withSendBuffer(16 << 10).withHalfClose(HalfClose.END);

  @RegisterExtension final Engine engine = new Engine(true);

  @Test
  void anEmptyBacklogIsAnsweredAtOnce() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), OPTIONS.withHalfClose(HalfClose.KEEP));
      Lane lane = splice.upstream();
      awaitState(lane, LaneState.KERNEL);
      LaneState after =
          onLoop(
              splice,
              () -> {
                lane.sourceEnded();
                return lane.state();
              });
      assertThat(after).isEqualTo(LaneState.ENDED);
    }
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // closed at the end
  void manyWaitAndSomeLeaveMeanwhile() throws Exception {
    List<Ends> all = new ArrayList<>();
    List<Splice> splices = new ArrayList<>();
    try {
      for (int i = 0; i < MANY; i++) {
        all.add(Ends.tcp());
        splices.add(all.get(i).splice(engine.splicer(), OPTIONS.withBacklog(1_000_000)));
        awaitState(splices.get(i).upstream(), LaneState.KERNEL);
        all.get(i).near.send(1 << 20).endWriting();
      }
      for (Splice splice : splices) {
        awaitState(splice.upstream(), LaneState.DRAINING);
      }
      for (Splice splice : splices) {
        assertThat(onLoop(splice, splice.upstream()::awaitsBacklog)).isTrue();
      }
      for (int i = 0; i < MANY; i += 3) {
        splices.get(i).close();
        ended(splices.get(i));
      }
      for (int i = 0; i < MANY; i++) {
        if (i % 3 != 0) {
          all.get(i).far.receive(1 << 20);
          assertThat(all.get(i).far.receiveToEnd()).isZero();
          assertThat(ended(splices.get(i)).upstream().kernelBytes()).isEqualTo(1 << 20);
        }
      }
    } finally {
      all.forEach(Ends::close);
    }
  }
}
