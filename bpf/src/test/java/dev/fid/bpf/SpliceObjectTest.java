package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpliceObjectTest {
  private static final int COOKIE = 8;
  private static final long GATE_PASS = 1L << 63;

  private BpfObject object;
  private SockHash sources;
  private SockHash targets;
  private BpfHash slots;
  private MappedArray lanes;
  private BpfProgram verdict;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void load() throws BpfException {
    object =
        BpfSpec.resource("splice")
            .withMaxEntries("sources", 8)
            .withMaxEntries("targets", 8)
            .withMaxEntries("slots", 8)
            .withMaxEntries("lanes", 100)
            .load();
    sources = object.sockHash("sources");
    targets = object.sockHash("targets");
    slots = object.hash("slots");
    lanes = object.mappedArray("lanes");
    verdict = object.program("splice_verdict");
    verdict.attach(sources, AttachType.SK_SKB_VERDICT);
  }

  @AfterEach
  void close() {
    object.close();
  }

  @Test
  void bytesGoFromSourceToTargetInTheKernel() {
    int[] from = C.tcpPair();
    int[] to = C.tcpPair();
    long cookie = C.cookie(from[1]);
    lane(3, cookie, 64);
    assertThat(targets.enrol(cookie, to[0])).isZero();
    assertThat(sources.enrol(cookie, from[1])).isZero();

    C.write(from[0], "hello".getBytes(StandardCharsets.US_ASCII));

    assertThat(C.read(to[1], 5)).asString(StandardCharsets.US_ASCII).isEqualTo("hello");
    assertThat(lanes.memory().get(JAVA_LONG, 3 * lanes.stride() + 24)).isEqualTo(5);
    C.close(from);
    C.close(to);
  }

  @Test
  void aShutGateIsAnnounced() throws BpfException {
    int[] from = C.tcpPair();
    long cookie = C.cookie(from[1]);
    lane(0, cookie, 64);
    assertThat(sources.enrol(cookie, from[1])).isZero();
    try (var closings = object.ringBuffer("limits")) {
      C.write(from[0], new byte[10]);
      assertThat(C.read(from[1], 10)).hasSize(10);

      var announced = new ArrayList<Long>();
      assertThat(closings.drain(record -> announced.add(record.get(JAVA_LONG, 0)))).isOne();
      assertThat(announced).containsExactly(cookie);
      assertThat(closings.drain(_ -> {})).isZero();
    }
    assertThat(lanes.memory().get(JAVA_LONG, 0)).isEqualTo(GATE_PASS + 10);
    C.close(from);
  }

  @Test
  void backlogsAreAskedFromUserSpace() throws BpfException {
    int[] to = C.tcpPair();
    assertThat(targets.enrol(7, to[0])).isZero();
    try (var query = object.program("query_backlogs").testRun(16 + 2 * 16)) {
      for (int round = 0; round < 3; round++) {
        query.data().set(JAVA_LONG, 16, 7);
        query.data().set(JAVA_LONG, 32, 8);
        query.data().set(JAVA_INT, 28, 0);
        query.data().set(JAVA_INT, 44, 0);

        assertThat(query.run(48)).isZero();

        assertThat(query.data().get(JAVA_INT, 24)).isZero();
        assertThat(query.data().get(JAVA_INT, 28)).isEqualTo(1);
        assertThat(query.data().get(JAVA_INT, 44)).isEqualTo(2);
      }
    }
    C.close(to);
  }

  @Test
  void socketsComeAndGo() {
    int[] pair = C.unixPair();
    assertThat(sources.size()).isZero();
    assertThat(sources.enrol(1, pair[0])).isZero();
    assertThat(sources.enrol(2, pair[1])).isZero();
    assertThat(sources.size()).isEqualTo(2);
    assertThat(sources.socketCookie(1)).isEqualTo(C.cookie(pair[0]));
    assertThat(sources.evict(1)).isZero();
    assertThat(sources.evict(1)).isEqualTo(-2);
    assertThat(sources.socketCookie(1)).isEqualTo(-2);
    assertThat(sources.size()).isOne();
    C.close(pair);
    assertThat(sources.size()).isZero();
  }

  @Test
  void aHashHoldsWhatWasPut() {
    for (int i = 0; i < 8; i++) {
      assertThat(slots.put(i, i * i)).isZero();
    }
    assertThat(slots.put(8, 64)).isEqualTo(-7);
    assertThat(slots.size()).isEqualTo(8);
    assertThat(slots.get(5)).isEqualTo(OptionalInt.of(25));
    assertThat(slots.remove(5)).isZero();
    assertThat(slots.remove(5)).isEqualTo(-2);
    assertThat(slots.get(5)).isEmpty();
  }

  @Test
  void lanesAreAsManyAsWereAsked() {
    assertThat(lanes.entries()).isEqualTo(100);
    assertThat(lanes.stride()).isEqualTo(128);
    assertThat(lanes.memory().byteSize()).isEqualTo(100 * 128);
  }

  @Test
  void whatWasHandedOutEndsWithTheObject() {
    object.close();
    object.close();
    assertThat(sources.enrol(1, 0)).isEqualTo(-9);
    assertThat(slots.get(1)).isEmpty();
    assertThatIllegalStateException().isThrownBy(() -> lanes.memory().get(JAVA_LONG, 0));
  }

  @Test
  void aWrongNameIsAnsweredWithTheRightOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> object.hash("slot"))
        .withMessageContaining("`slot`")
        .withMessageContaining("slots");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> object.program("nothing"))
        .withMessageContaining("splice_verdict, query_backlogs");
    assertThatIllegalArgumentException().isThrownBy(() -> object.sockHash("slots"));
  }

  private void lane(int slot, long cookie, int limit) {
    lanes.memory().set(JAVA_LONG, slot * lanes.stride() + COOKIE, cookie);
    lanes.memory().set(JAVA_INT, slot * lanes.stride() + 16, limit);
    assertThat(slots.put(cookie, slot)).isZero();
  }
}
