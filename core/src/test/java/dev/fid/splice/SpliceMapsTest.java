package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@RequiresBpf
class SpliceMapsTest {
  @RegisterExtension final Engine engine = new Engine(true);

  private static Gate claim(SpliceMaps maps, Lane lane, long cookie) {
    return Objects.requireNonNull(maps.claim(lane, cookie, 64, 0));
  }

  private static int entries(SpliceMaps maps) {
    return maps.sourceCount() + maps.targetCount() + maps.slotCount();
  }

  @Test
  void aSlotBelongsToItsLaneUntilItIsReleased() throws Exception {
    try (SpliceMaps maps = new SpliceMaps(1);
        Ends ends = Ends.tcp()) {
      Lane lane = ends.unstarted(engine.splicer(), SpliceOptions.defaults()).upstream();
      Gate first = claim(maps, lane, 1);
      Gate second = claim(maps, lane, 2);
      assertThat(second.slot()).isNotEqualTo(first.slot());
      assertThat(first.isOpen()).isTrue();
      assertThat(maps.owner(first.slot())).isSameAs(lane);
      assertThat(maps.claim(lane, 3, 64, 0)).as("a splice has two lanes, all taken").isNull();
      maps.release(first);
      assertThat(maps.owner(first.slot())).isNull();
    }
  }

  @Test
  void bothSocketsEnterAndTheSourceComesAndGoes() throws Exception {
    try (SpliceMaps maps = new SpliceMaps(1);
        SocketPair source = SocketPair.tcp();
        SocketPair target = SocketPair.tcp();
        Ends ends = Ends.tcp()) {
      Lane lane = ends.unstarted(engine.splicer(), SpliceOptions.defaults()).upstream();
      Gate gate = claim(maps, lane, Sockets.cookie(source.server()));
      assertThat(maps.enrol(gate, source.server(), target.server())).isZero();
      assertThat(entries(maps)).isEqualTo(3);
      SocketPair.sendAll(source.client(), "redirected");
      SocketPair.expect(target.client(), "redirected");
      assertThat(gate.counter(LaneLayout.REDIRECTED_BYTES)).isEqualTo(10);

      maps.evictSource(gate);
      maps.evictSource(gate);
      assertThat(maps.sourceCount()).isZero();
      assertThat(maps.targetCount()).isOne();
      SocketPair.sendAll(source.client(), "plain");
      SocketPair.expect(source.server(), "plain");

      assertThat(maps.enrolSource(gate, source.server())).isZero();
      SocketPair.sendAll(source.client(), "again");
      SocketPair.expect(target.client(), "again");
      maps.evictSource(gate);
      maps.release(gate);
      assertThat(maps.slotCount()).isZero();
    }
  }

  @Test
  void anEnrolmentThatFailsLeavesNothingBehind() throws Exception {
    int unconnected = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM);
    try (SpliceMaps maps = new SpliceMaps(1);
        SocketPair pair = SocketPair.tcp();
        Ends ends = Ends.tcp()) {
      Lane lane = ends.unstarted(engine.splicer(), SpliceOptions.defaults()).upstream();
      Gate gate = claim(maps, lane, Sockets.cookie(pair.server()));
      assertThat(maps.enrol(gate, pair.server(), unconnected)).isEqualTo(-Errno.EOPNOTSUPP);
      assertThat(entries(maps)).isZero();
      assertThat(maps.enrol(gate, unconnected, pair.server())).isEqualTo(-Errno.EOPNOTSUPP);
      assertThat(entries(maps)).isZero();
      maps.release(gate);
    } finally {
      Sockets.reset(unconnected);
    }
  }
}
