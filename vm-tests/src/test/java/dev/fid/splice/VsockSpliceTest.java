package dev.fid.splice;

import static dev.fid.splice.Ends.ended;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.splice.SpliceStats.Outcome;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The vsock row and the vsock column of the matrix of pairs, over the kernel's own loopback.
class VsockSpliceTest {
  private static final SpliceOptions KEEP = SpliceOptions.defaults();
  private static final SpliceOptions END = KEEP.withHalfClose(HalfClose.END);

  @RegisterExtension final Engine engine = new Engine(true);

  static Stream<Arguments> pairs() {
    return Stream.of(
        Arguments.of(Family.VSOCK, Family.TCP),
        Arguments.of(Family.TCP, Family.VSOCK),
        Arguments.of(Family.VSOCK, Family.UNIX_STREAM),
        Arguments.of(Family.UNIX_STREAM, Family.VSOCK),
        Arguments.of(Family.VSOCK, Family.VSOCK));
  }

  /// Nothing is queued when the splice begins, so that the kernel moves every byte.
  @ParameterizedTest
  @MethodSource("pairs")
  void theKernelMovesEveryByteBothWays(Family near, Family far) throws Exception {
    try (Ends ends = Ends.of(near, far)) {
      Splice splice = ends.splice(engine.splicer(), END);
      Ends.awaitState(splice.upstream(), LaneState.KERNEL);
      Ends.awaitState(splice.downstream(), LaneState.KERNEL);
      for (int i = 0; i < 50; i++) {
        ends.near.send(1000 + i);
        ends.far.receive(1000 + i);
        ends.far.send(3000 + i);
        ends.near.receive(3000 + i);
      }
      SpliceStats live = splice.stats();
      long up = 50 * 1000 + 49 * 25;
      long down = 50 * 3000 + 49 * 25;
      assertThat(live.upstream().kernelBytes()).isEqualTo(up);
      assertThat(live.downstream().kernelBytes()).isEqualTo(down);
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      SpliceStats end = ended(splice);
      assertThat(end.outcome()).isEqualTo(new Outcome.Completed());
      assertThat(end.upstream().bytes()).isEqualTo(up);
      assertThat(end.upstream().droppedSkbs() + end.downstream().droppedSkbs()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void whatWasQueuedBeforeComesFirst(Family near, Family far) throws Exception {
    try (Ends ends = Ends.of(near, far)) {
      for (int i = 0; i < 40; i++) {
        ends.near.send(1000);
        ends.far.send(500);
      }
      Splice splice = ends.splice(engine.splicer(), KEEP);
      ends.near.send(100_000);
      ends.far.receive(140_000);
      ends.near.receive(20_000);
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      ends.far.close();
      SpliceStats end = ended(splice);
      assertThat(end.upstream().bytes()).isEqualTo(140_000);
      assertThat(end.downstream().bytes()).isEqualTo(20_000);
    }
  }

  /// The lag, its recovery and the enrolment again, while the writer goes on.
  @ParameterizedTest
  @MethodSource("pairs")
  void aWriterDoesNotStopForTheStart(Family near, Family far) throws Exception {
    SpliceOptions options = END.withBacklog(2);
    for (int round = 0; round < 20; round++) {
      try (Ends ends = Ends.of(near, far)) {
        Thread writer =
            Thread.ofPlatform()
                .start(() -> {
                  for (int i = 0; i < 500; i++) {
                    ends.near.send(1 + i * 7);
                  }
                });
        Splice splice = ends.splice(engine.splicer(), options);
        long total = 500 + 7L * 500 * 499 / 2;
        ends.far.receive(total);
        writer.join();
        ends.near.endWriting();
        assertThat(ends.far.receiveToEnd()).isZero();
        assertThat(ended(splice).upstream().bytes()).isEqualTo(total);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP", "UNIX_STREAM", "VSOCK"})
  void oneDirectionOutlivesTheOther(Family other) throws Exception {
    for (boolean near : new boolean[] {true, false}) {
      try (Ends ends = near ? Ends.of(Family.VSOCK, other) : Ends.of(other, Family.VSOCK)) {
        Splice splice = ends.splice(engine.splicer(), KEEP);
        ends.near.send(10_000).endWriting();
        ends.far.receive(10_000);
        assertThat(ends.far.receiveToEnd()).isZero();
        ends.far.send(200_000);
        ends.near.receive(200_000);
        ends.far.endWriting();
        assertThat(ends.near.receiveToEnd()).isZero();
        assertThat(ended(splice).outcome()).isEqualTo(new Outcome.Completed());
      }
    }
  }

  /// A vsock source that its target does not follow is taken out of its map, and its credit holds
  /// the sender back; a vsock target shuts the gate of a TCP source, and a UNIX one blocks by
  /// itself.
  @ParameterizedTest
  @MethodSource("pairs")
  void aReaderThatStopsBoundsTheSender(Family source, Family target) throws Exception {
    try (Ends ends = Ends.of(source, target)) {
      SpliceOptions options = END.withSendBuffer(1 << 20).withBacklog(16);
      Splice splice = ends.splice(engine.splicer(), options);
      Ends.awaitState(splice.upstream(), LaneState.KERNEL);
      long quiet = System.nanoTime() + 500_000_000L;
      while (System.nanoTime() < quiet
          || (source != Family.UNIX_STREAM && splice.stats().upstream().gateClosings() == 0)) {
        if (ends.near.offer(1 << 20) > 0) {
          quiet = System.nanoTime() + 500_000_000L;
        }
        assertThat(ends.near.sent()).isLessThan(64L << 20);
        // Until the loop has heard of it, what holds a vsock sender back is nothing.
        Ends.state(splice.upstream());
        Thread.sleep(1);
      }
      ends.far.receive(ends.near.sent());
      long more = 8L << 20;
      Thread writer = Thread.ofPlatform().start(() -> ends.near.send(more));
      ends.far.receive(more);
      writer.join();
      ends.near.endWriting();
      assertThat(ends.far.receiveToEnd()).isZero();
      SpliceStats end = ended(splice);
      assertThat(end.upstream().bytes()).isEqualTo(ends.near.sent());
      assertThat(end.outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  /// Before the start, as the splice begins, and while it runs.
  @ParameterizedTest
  @EnumSource(names = {"TCP", "UNIX_STREAM", "VSOCK"})
  void aPeerThatClosesEndsTheConnection(Family other) throws Exception {
    for (int round = 0; round < 12; round++) {
      try (Ends ends = Ends.of(Family.VSOCK, other)) {
        ends.near.send(50_000);
        if (round < 4) {
          ends.near.close();
        }
        Splice splice = ends.splice(engine.splicer(), KEEP);
        if (round >= 8) {
          ends.far.receive(50_000);
          ends.near.send(50_000);
        }
        if (round >= 4) {
          ends.near.close();
        }
        ends.far.receive(50_000);
        assertThat(ends.far.receiveToEnd()).isZero();
        assertThat(ended(splice).outcome()).isEqualTo(new Outcome.Completed());
      }
    }
  }

  /// vsock has no reset: its peer sees an end.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aResetOfATcpPeerEndsTheConnection(boolean near) throws Exception {
    try (Ends ends = near ? Ends.of(Family.TCP, Family.VSOCK) : Ends.of(Family.VSOCK, Family.TCP)) {
      Peer tcp = near ? ends.near : ends.far;
      Peer vsock = near ? ends.far : ends.near;
      Splice splice = ends.splice(engine.splicer(), KEEP);
      tcp.send(1000);
      vsock.receive(1000);
      vsock.send(1000);
      tcp.receive(1000);
      tcp.reset();
      assertThat(vsock.receiveToEnd()).isZero();
      assertThat(ended(splice).outcome())
          .isInstanceOfSatisfying(
              Outcome.Aborted.class,
              aborted -> assertThat(aborted.reason()).contains("ECONNRESET"));
    }
  }
}
