package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final VarHandle WORD = JAVA_LONG.varHandle();
  private static final long PASS = 1L << 63;

  private final MemorySegment lane = Arena.ofAuto().allocate(LaneLayout.SIZE, 64);
  private final Gate gate = new Gate(lane, 7);

  /// What the verdict program does at a gate that it may shut: the length first, then the bit.
  private void pass(long bytes) {
    long _ = (long) WORD.getAndAdd(lane, LaneLayout.GATE, bytes);
    long _ = (long) WORD.getAndBitwiseOr(lane, LaneLayout.GATE, PASS);
  }

  @Test
  void aPreparedLaneIsOpenAndHasCountedNothing() {
    lane.fill((byte) -1);
    gate.prepare(42, 64, 0);
    assertThat(gate.isOpen()).isTrue();
    assertThat(gate.pending()).isZero();
    assertThat(gate.cookie()).isEqualTo(42);
    assertThat(lane.get(JAVA_INT, LaneLayout.LIMIT)).isEqualTo(64);
    assertThat(lane.get(JAVA_INT, LaneLayout.FLAGS)).isZero();
    assertThat(lane.get(JAVA_LONG, LaneLayout.SLOT)).isEqualTo(7);
    for (long at = LaneLayout.REDIRECTED_BYTES; at < LaneLayout.SIZE; at += Long.BYTES) {
      assertThat(gate.counter(at)).as("counter at %d", at).isZero();
    }
  }

  @Test
  void aSourceThatPushesBackByItselfIsMarked() {
    gate.prepare(42, 64, LaneLayout.FLAG_UNGATED);
    assertThat(lane.get(JAVA_INT, LaneLayout.FLAGS)).isEqualTo(LaneLayout.FLAG_UNGATED);
  }

  @Test
  void whatPassedIsPendingUntilItIsConsumed() {
    gate.prepare(42, 64, 0);
    pass(1000);
    pass(500);
    assertThat(gate.isOpen()).isFalse();
    assertThat(gate.pending()).isEqualTo(1500);
    gate.consumed(1000);
    assertThat(gate.isOpen()).isFalse();
    assertThat(gate.pending()).isEqualTo(500);
  }

  @Test
  void itOpensOnlyWhenJustTheGivenBytesArePending() {
    gate.prepare(42, 64, 0);
    pass(1000);
    assertThat(gate.tryOpen(999)).isFalse();
    assertThat(gate.tryOpen(0)).isFalse();
    assertThat(gate.pending()).isEqualTo(1000);
    assertThat(gate.tryOpen(1000)).isTrue();
    assertThat(gate.isOpen()).isTrue();
  }

  @Test
  void anOpenGateIsNotOpenedAgain() {
    gate.prepare(42, 64, 0);
    assertThat(gate.tryOpen(0)).isFalse();
  }

  /// Between the two steps of the program the length is there and the bit is not.
  @Test
  void aGateThatIsJustBeingShutIsNeitherOpenNorOpened() {
    gate.prepare(42, 64, 0);
    long _ = (long) WORD.getAndAdd(lane, LaneLayout.GATE, 1000L);
    assertThat(gate.isOpen()).isFalse();
    assertThat(gate.tryOpen(1000)).isFalse();
    long _ = (long) WORD.getAndBitwiseOr(lane, LaneLayout.GATE, PASS);
    assertThat(gate.tryOpen(1000)).isTrue();
  }

  @Test
  void nothingIsLostToAProgramThatPassesWhileThePumpOpens() {
    gate.prepare(42, 64, 0);
    int rounds = 300_000;
    CompletableFuture<Long> program =
        CompletableFuture.supplyAsync(() -> {
          long passed = 0;
          for (int i = 1; i <= rounds; i++) {
            pass(i % 1000 + 1);
            passed += i % 1000 + 1;
          }
          return passed;
        });
    long carried = 0;
    int openings = 0;
    while (!program.isDone() || !gate.isOpen()) {
      long pending = gate.pending();
      assertThat(pending).isNotNegative();
      if (!gate.isOpen() && gate.tryOpen(pending)) {
        openings++;
        carried += pending;
      } else if (pending > 1) {
        gate.consumed(pending / 2);
        carried += pending / 2;
      }
    }
    assertThat(carried).isEqualTo(program.join());
    assertThat(openings).isPositive();
  }
}
