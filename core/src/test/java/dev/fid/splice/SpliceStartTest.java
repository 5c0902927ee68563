package dev.fid.splice;

import static dev.fid.splice.Ends.ended;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.SocketPair;
import dev.fid.splice.SpliceStats.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What was sent before the splice, and what the kernel will not take.
@RequiresBpf
class SpliceStartTest {
  private static final SpliceOptions KEEP = SpliceOptions.defaults();
  private static final SpliceOptions REFUSE = KEEP.withOnUnsupported(OnUnsupported.REFUSE);

  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @CsvSource({
    "TCP,TCP,END", "TCP,UNIX_STREAM,END", "UNIX_STREAM,TCP,END", "UNIX_STREAM,UNIX_STREAM,END",
    "TCP,TCP,KEEP", "TCP,UNIX_STREAM,KEEP", "UNIX_STREAM,TCP,KEEP", "UNIX_STREAM,UNIX_STREAM,KEEP",
  })
  void whatWasQueuedBeforeComesFirst(Family near, Family far, HalfClose halfClose)
      throws Exception {
    try (Ends ends = Ends.of(near, far)) {
      for (int i = 0; i < 40; i++) {
        ends.near.send(1000);
        ends.far.send(500);
      }
      Splice splice = ends.splice(engine.splicer(), KEEP.withHalfClose(halfClose));
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

  /// More than the gate's limit is queued, and more arrives while the splice begins.
  @ParameterizedTest
  @CsvSource({
    "TCP,TCP",
    "TCP,UNIX_STREAM",
    "UNIX_STREAM,TCP",
    "UNIX_STREAM,UNIX_STREAM",
  })
  void aWriterDoesNotStopForTheStart(Family near, Family far) throws Exception {
    SpliceOptions options = KEEP.withHalfClose(HalfClose.END).withBacklog(2);
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

  /// The kernel takes no TCP socket that is not established into a sockmap.
  @Test
  void aTcpSocketWhoseEndIsQueuedIsRelayed() throws Exception {
    try (Ends ends = Ends.tcp()) {
      ends.near.send(10_000).endWriting();
      SocketPair.await(() -> ends.nearSawEnd() ? 1 : 0, seen -> seen == 1);
      Splice splice = ends.splice(engine.splicer(), KEEP);
      ends.far.receive(10_000);
      assertThat(ends.far.receiveToEnd()).isZero();
      ends.far.send(20_000).endWriting();
      ends.near.receive(20_000);
      assertThat(ends.near.receiveToEnd()).isZero();
      SpliceStats end = ended(splice);
      assertThat(end.outcome()).isEqualTo(new Outcome.Completed());
      assertThat(end.upstream().relayBytes()).isEqualTo(10_000);
      assertThat(end.downstream().relayBytes()).isEqualTo(20_000);
      assertThat(end.upstream().plan().toString()).startsWith("relayed: enrol: EOPNOTSUPP");
      assertThat(end.downstream().plan().toString()).startsWith("relayed: enrol: EOPNOTSUPP");
    }
  }

  @Test
  void refuseRelaysASocketThatHasEnded() throws Exception {
    try (Ends ends = Ends.tcp()) {
      ends.near.send(10_000).endWriting();
      SocketPair.await(() -> ends.nearSawEnd() ? 1 : 0, seen -> seen == 1);
      Splice splice = ends.splice(engine.splicer(), REFUSE);
      ends.far.receive(10_000);
      assertThat(ends.far.receiveToEnd()).isZero();
      ends.far.endWriting();
      assertThat(ended(splice).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  @Test
  void refuseEndsWhatTheKernelDoesNotTake() throws Exception {
    try (Splicer full = new Splicer(1, 1, true);
        Ends first = Ends.tcp();
        Ends ends = Ends.tcp();
        LogLines log = LogLines.of(Splicer.class)) {
      first.splice(full, KEEP);
      SpliceStats end = ended(ends.splice(full, REFUSE));
      assertThat(end.outcome())
          .isInstanceOfSatisfying(
              Outcome.Aborted.class,
              aborted ->
                  assertThat(aborted.reason())
                      .contains("every lane in the kernel is taken", "on_unsupported is refuse"));
      assertThat(ends.far.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
      assertThat(log.lines()).as("the second lane must not be tried any more").isEmpty();
    }
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // closed at the end
  void aLaneForWhichThereIsNoSlotIsRelayedAndSaysWhy() throws Exception {
    List<Ends> all = new ArrayList<>();
    try (Ends late = Ends.tcp()) {
      for (int i = 0; i < Engine.CAPACITY; i++) {
        all.add(Ends.tcp());
        all.getLast().splice(engine.splicer(), KEEP);
      }
      Splice relayed = late.splice(engine.splicer(), KEEP);
      late.near.send(1000).endWriting();
      late.far.receive(1000);
      assertThat(late.far.receiveToEnd()).isZero();
      assertThat(relayed.stats().upstream().plan())
          .isEqualTo(new LanePlan.Relayed("every lane in the kernel is taken"));
      assertThat(relayed.stats().upstream().relayBytes()).isEqualTo(1000);
    } finally {
      all.forEach(Ends::close);
    }
  }

  /// A splice that cannot begin has taken ownership all the same.
  @Test
  void aDescriptorThatIsNoSocketEndsItAtOnce() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Endpoint nothing = new Endpoint(Family.TCP, 1_000_000);
      SpliceHandle splice = engine.splicer().splice(ends.takeNear(), nothing, KEEP);
      SpliceStats end = ended(splice);
      assertThat(end.outcome()).isInstanceOf(Outcome.Aborted.class);
      assertThat(end.upstream().bytes()).isZero();
      assertThat(ends.near.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
    }
  }
}
