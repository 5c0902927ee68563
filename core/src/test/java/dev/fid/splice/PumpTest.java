package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fid.os.Errno;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.splice.Pump.Carried;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PumpTest {
  private static final long PASS = 1L << 63;

  @RegisterExtension final Engine engine = new Engine(false);

  private final MemorySegment memory = Arena.ofAuto().allocate(LaneLayout.SIZE, 64);
  private final Gate gate = new Gate(memory, 0);
  private final LaneCounters counters = new LaneCounters(new LanePlan.InKernel());
  private final Pump pump = new Pump();
  private Ends ends;
  private Lane lane;

  @BeforeEach
  void open() throws Exception {
    ends = Ends.of(Family.TCP, Family.UNIX_STREAM);
    lane = ends.unstarted(engine.splicer(), SpliceOptions.defaults()).upstream();
  }

  @AfterEach
  void close() {
    pump.close();
    ends.close();
  }

  private void passed(int bytes) {
    ends.near.send(bytes);
    SocketPair.await(() -> Sockets.queued(lane.source.descriptor()), queued -> queued == bytes);
    memory.set(JAVA_LONG, LaneLayout.GATE, PASS | bytes);
  }

  private Carried carry(boolean mayOpen) {
    return pump.carry(lane, gate, counters, gate.pending(), mayOpen);
  }

  @Test
  void whatIsPeekedAtStaysUntilItIsDropped() {
    int source = lane.source.descriptor();
    assertThat(pump.peek(source, 1000)).isEqualTo(-Errno.EAGAIN);
    passed(1000);
    assertThat(pump.peek(source, 400)).isEqualTo(400);
    assertThat(pump.peek(source, 5000)).isEqualTo(1000);
    assertThat(pump.give(lane.target.descriptor(), 1000)).isEqualTo(1000);
    pump.drop(source, 600);
    assertThat(Sockets.queued(source)).isEqualTo(400);
    ends.far.receive(1000);
    assertThatIllegalStateException()
        .isThrownBy(() -> pump.drop(source, 401))
        .withMessageStartingWith("1 bytes that were peeked at are gone");
  }

  @Test
  void opensTheGateWhenThatWasAll() {
    passed(1000);
    assertThat(carry(true)).isEqualTo(Carried.OPENED);
    assertThat(gate.isOpen()).isTrue();
    assertThat(Sockets.queued(lane.source.descriptor())).isZero();
    assertThat(counters.pumped()).isEqualTo(1000);
    ends.far.receive(1000);
  }

  @Test
  void leavesItShutWhereItMayNotOrMoreHasPassed() {
    passed(1000);
    memory.set(JAVA_LONG, LaneLayout.GATE, PASS | 1200);
    assertThat(carry(true)).isEqualTo(Carried.MORE);
    assertThat(gate.pending()).isEqualTo(200);
    assertThat(carry(true)).as("announced, not yet there").isEqualTo(Carried.HIDDEN);
    ends.near.send(200);
    SocketPair.await(() -> Sockets.queued(lane.source.descriptor()), queued -> queued == 200);
    assertThat(carry(false)).isEqualTo(Carried.MORE);
    assertThat(gate.isOpen()).isFalse();
    assertThat(gate.pending()).isZero();
    assertThat(carry(true)).isEqualTo(Carried.OPENED);
    ends.far.receive(1200);
  }

  @Test
  void givesAPartAndKeepsTheRest() throws Exception {
    Sockets.setSendBuffer(lane.target.descriptor(), 4096);
    passed(100_000);
    assertThat(carry(true)).isEqualTo(Carried.FULL);
    long given = counters.pumped();
    assertThat(given).isPositive().isLessThan(100_000);
    assertThat(gate.pending()).isEqualTo(100_000 - given);
    assertThat(Sockets.queued(lane.source.descriptor())).isEqualTo((int) (100_000 - given));
    assertThat(carry(true)).isEqualTo(Carried.FULL);
    assertThat(counters.pumped()).isEqualTo(given);
    ends.far.receive(given);
    Carried carried;
    do {
      carried = carry(true);
      ends.far.receive(counters.pumped() - ends.far.received());
    } while (carried != Carried.OPENED);
    assertThat(counters.pumped()).isEqualTo(100_000);
  }

  @Test
  void aTargetThatIsGoneEndsTheSplice() {
    passed(10);
    ends.far.close();
    assertThat(pump.give(lane.target.descriptor(), 10)).isEqualTo(-Errno.EPIPE);
  }
}
