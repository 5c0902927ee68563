package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresBpf
class SpliceObjectTest {
  private static final long GATE_PASS = 1L << 63;

  private BpfObject object;
  private SockHash sources;
  private SockHash targets;
  private BpfHash slots;
  private MappedArray lanes;
  private BpfProgram verdict;
  private BtfStruct lane;

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
    lane = BtfStruct.of(BpfSpec.resource("splice"), "lane");
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
  void bytesGoFromSourceToTargetInTheKernel() throws Exception {
    try (var from = SocketPair.tcp();
        var to = SocketPair.unix()) {
      long cookie = Sockets.cookie(from.server());
      lane(3, cookie, 64);
      assertThat(targets.enrol(cookie, to.client())).isZero();
      assertThat(sources.enrol(cookie, from.server())).isZero();

      SocketPair.sendAll(from.client(), "hello");

      SocketPair.expect(to.server(), "hello");
      assertThat(lanes.memory().get(JAVA_LONG, at(3, "redirected_bytes"))).isEqualTo(5);
    }
  }

  @Test
  void aShutGateIsAnnounced() throws Exception {
    try (var from = SocketPair.tcp();
        var closings = object.ringBuffer("closings")) {
      long cookie = Sockets.cookie(from.server());
      lane(5, cookie, 64);
      assertThat(sources.enrol(cookie, from.server())).isZero();

      SocketPair.sendAll(from.client(), "no target");

      SocketPair.expect(from.server(), "no target");
      var announced = new ArrayList<Integer>();
      assertThat(closings.drain(record -> announced.add(record.get(JAVA_INT, 0)))).isOne();
      assertThat(announced).containsExactly(5);
      assertThat(closings.drain(_ -> {})).isZero();
      assertThat(lanes.memory().get(JAVA_LONG, at(5, "gate"))).isEqualTo(GATE_PASS + 9);
    }
  }

  @Test
  void aDetachedProgramNoLongerRunsForNewSockets() throws Exception {
    verdict.detach(sources, AttachType.SK_SKB_VERDICT);
    try (var from = SocketPair.tcp();
        var to = SocketPair.tcp()) {
      long cookie = Sockets.cookie(from.server());
      lane(0, cookie, 64);
      assertThat(targets.enrol(cookie, to.client())).isZero();
      assertThat(sources.enrol(cookie, from.server())).isZero();

      SocketPair.sendAll(from.client(), "stays");

      assertThat(SocketPair.received(from.server())).isEqualTo(5);
    }
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> verdict.detach(sources, AttachType.SK_SKB_VERDICT))
        .withMessageStartingWith("detach splice_verdict from sources as SK_SKB_VERDICT: ENOENT");
  }

  @Test
  void closingTheObjectGivesSocketsTheirBytesBack() throws Exception {
    try (var from = SocketPair.tcp();
        var to = SocketPair.tcp()) {
      long cookie = Sockets.cookie(from.server());
      lane(0, cookie, 64);
      assertThat(targets.enrol(cookie, to.client())).isZero();
      assertThat(sources.enrol(cookie, from.server())).isZero();
      SocketPair.sendAll(from.client(), "there");
      SocketPair.expect(to.server(), "there");

      object.close();

      try (var arena = Arena.ofConfined()) {
        var buffer = arena.allocate(64);
        SocketPair.await( // the kernel frees a map in its own time
            () -> {
              SocketPair.sendAll(from.client(), "here");
              return Fds.recv(from.server(), buffer);
            },
            received -> received > 0);
      }
    }
  }

  @Test
  void backlogsAreAskedFromUserSpace() throws Exception {
    try (var to = SocketPair.tcp();
        var query = object.program("query_backlogs").testRun(16 + 2 * 16)) {
      assertThat(targets.enrol(7, to.client())).isZero();
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
  }

  @Test
  void aRunOverTooLittleSaysSo() {
    try (var query = object.program("query_backlogs").testRun(8)) {
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> query.run(8))
          .withMessage("run query_backlogs over 8 bytes: EINVAL")
          .extracting(BpfException::errno)
          .isEqualTo(Errno.EINVAL);
    }
  }

  @Test
  void socketsComeAndGo() throws Exception {
    try (var pair = SocketPair.unix()) {
      assertThat(sources.size()).isZero();
      assertThat(sources.enrol(1, pair.client())).isZero();
      assertThat(sources.enrol(2, pair.server())).isZero();
      assertThat(sources.size()).isEqualTo(2);
      assertThat(sources.socketCookie(1)).isEqualTo(Sockets.cookie(pair.client()));
      assertThat(sources.evict(1)).isZero();
      assertThat(sources.evict(1)).isEqualTo(-Errno.ENOENT);
      assertThat(sources.socketCookie(1)).isEqualTo(-Errno.ENOENT);
      assertThat(sources.size()).isOne();
    }
    assertThat(sources.size()).isZero();
  }

  @Test
  void whatIsNoSocketIsRefused() throws Exception {
    try (var pipe = Fds.pipe(4096)) {
      assertThat(sources.enrol(1, pipe.readEnd())).isEqualTo(-Errno.ENOTSOCK);
    }
    int unconnected = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM);
    assertThat(sources.enrol(1, unconnected)).isEqualTo(-Errno.EOPNOTSUPP);
    Fds.close(unconnected);
  }

  @Test
  void aHashHoldsWhatWasPut() {
    for (int i = 0; i < 8; i++) {
      assertThat(slots.put(i, i * i)).isZero();
    }
    assertThat(slots.put(8, 64)).isEqualTo(-Errno.E2BIG);
    assertThat(slots.size()).isEqualTo(8);
    assertThat(slots.get(5)).isEqualTo(OptionalInt.of(25));
    assertThat(slots.remove(5)).isZero();
    assertThat(slots.remove(5)).isEqualTo(-Errno.ENOENT);
    assertThat(slots.get(5)).isEmpty();
  }

  @Test
  void lanesAreAsManyAsWereAsked() {
    assertThat(lanes.entries()).isEqualTo(100);
    assertThat(lanes.stride()).isEqualTo(192);
    assertThat(lanes.memory().byteSize()).isEqualTo(100 * 192);
  }

  @Test
  void whatWasHandedOutEndsWithTheObject() {
    object.close();
    object.close();
    assertThat(sources.enrol(1, 0)).isEqualTo(-Errno.EBADF);
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
        .withMessageContaining("splice_verdict, pause_source, query_backlogs");
    assertThatIllegalArgumentException().isThrownBy(() -> object.sockHash("slots"));
  }

  private void lane(int slot, long cookie, int limit) {
    lanes.memory().set(JAVA_LONG, at(slot, "cookie"), cookie);
    lanes.memory().set(JAVA_INT, at(slot, "slot"), slot);
    lanes.memory().set(JAVA_INT, at(slot, "limit"), limit);
    assertThat(slots.put(cookie, slot)).isZero();
  }

  private long at(int slot, String field) {
    return slot * lanes.stride() + lane.offset(field);
  }
}
