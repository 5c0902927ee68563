package dev.fid.splice;

import static dev.fid.splice.Ends.awaitState;
import static dev.fid.splice.Ends.ended;
import static dev.fid.splice.Ends.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.splice.SpliceStats.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Taking a splice apart: the sockets go on by hand, and no byte is missing, doubled or out of
/// place.
@RequiresBpf
class UnspliceTest {
  private static final SpliceOptions END = SpliceOptions.defaults().withHalfClose(HalfClose.END);
  private static final long MIB = 1 << 20;

  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @CsvSource({
    "TCP,TCP,END", "TCP,UNIX_STREAM,END", "UNIX_STREAM,TCP,END", "UNIX_STREAM,UNIX_STREAM,END",
    "TCP,TCP,KEEP", "TCP,UNIX_STREAM,KEEP", "UNIX_STREAM,TCP,KEEP", "UNIX_STREAM,UNIX_STREAM,KEEP",
  })
  void whileDataFlowsBothWays(Family near, Family far, HalfClose halfClose) throws Exception {
    SplittableRandom random = new SplittableRandom(near.hashCode() * 31L + far.hashCode());
    for (int round = 0; round < 6; round++) {
      flow(near, far, END.withHalfClose(halfClose), 16 * MIB, random.nextLong(12 * MIB));
    }
  }

  /// The gates are shut most of the time.
  @Test
  void whileThePumpCarries() throws Exception {
    SpliceOptions tight = END.withBacklog(1).withSendBuffer(256 << 10);
    for (int round = 0; round < 3; round++) {
      flow(Family.TCP, Family.TCP, tight, 4 * MIB, round * MIB);
    }
  }

  @Test
  void whileBulkIsRelayed() throws Exception {
    SpliceOptions bulk = END.withBacklog(1).withSendBuffer(256 << 10).withBulk(Bulk.RELAY);
    for (int round = 0; round < 3; round++) {
      try (Ends ends = Ends.pausable(engine.splicer(), Family.TCP)) {
        flow(ends, bulk, 16 * MIB, (2 + 4 * round) * MIB);
      }
    }
  }

  private void flow(Family near, Family far, SpliceOptions options, long total, long after)
      throws Exception {
    try (Ends ends = Ends.of(near, far)) {
      flow(ends, options, total, after);
    }
  }

  private void flow(Ends ends, SpliceOptions options, long total, long after) throws Exception {
    Splice splice = ends.splice(engine.splicer(), options);
    List<Thread> applications = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Unspliced> undone = new CompletableFuture<>();
    for (Peer peer : List.of(ends.near, ends.far)) {
      applications.add(
          thread(
              failures,
              () -> {
                peer.send(total);
                undone.join(); // the first end would end the splice
                peer.endWriting();
              }));
      applications.add(
          thread(
              failures,
              () -> {
                peer.receive(total);
                assertThat(peer.receiveToEnd()).isZero();
              }));
    }
    until(() -> splice.stats().upstream().bytes() >= after || !failures.isEmpty());
    assertThat(failures).isEmpty();
    splice
        .unsplice()
        .whenComplete((result, failure) -> {
          if (failure == null) {
            undone.complete(result);
          } else {
            undone.completeExceptionally(failure);
          }
        });
    Unspliced unspliced = undone.join();
    assertThat(unspliced.stats().outcome()).isEqualTo(new Outcome.Undone());
    assertThat(ended(splice)).isEqualTo(unspliced.stats());
    assertThat(engine.splicer().mapEntries()).as("entries of sockets that live on").isZero();
    HandRelay.both(ends.nearFd(), unspliced.fromFirst(), ends.farFd(), unspliced.fromSecond());
    for (Thread application : applications) {
      application.join();
    }
    assertThat(failures).isEmpty();
  }

  private static Thread thread(List<Throwable> failures, Runnable task) {
    return Thread.ofPlatform()
        .uncaughtExceptionHandler((_, failure) -> failures.add(failure))
        .start(task);
  }

  @Test
  void anIdleOneAtOnce() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), END);
      ends.near.send(1000);
      ends.far.receive(1000);
      Unspliced unspliced = splice.unsplice().toCompletableFuture().join();
      assertThat(unspliced.fromFirst()).isEmpty();
      assertThat(unspliced.fromSecond()).isEmpty();
      assertThat(unspliced.stats().upstream().bytes()).isEqualTo(1000);
      assertThat(splice.unsplice().toCompletableFuture().join()).isEqualTo(unspliced);
      // And once more, by another splice.
      Splice again = ends.splice(engine.splicer(), END);
      ends.near.send(1000).endWriting();
      ends.far.receive(1000);
      assertThat(ends.far.receiveToEnd()).isZero();
      assertThat(ended(again).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  @Test
  void ofOneThatHasHalfEnded() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), SpliceOptions.defaults());
      ends.near.send(1000).endWriting();
      ends.far.receive(1000);
      assertThat(ends.far.receiveToEnd()).isZero();
      awaitState(splice.upstream(), LaneState.ENDED);
      ends.far.send(500);
      ends.near.receive(500);
      Unspliced unspliced = splice.unsplice().toCompletableFuture().join();
      ends.far.send(2000).endWriting();
      HandRelay.both(ends.nearFd(), unspliced.fromFirst(), ends.farFd(), unspliced.fromSecond());
      ends.near.receive(2000);
      assertThat(ends.near.receiveToEnd()).isZero();
    }
  }

  @Test
  void ofOneThatHasEndedFails() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), END);
      splice.close();
      ended(splice);
      assertThatThrownBy(() -> splice.unsplice().toCompletableFuture().join())
          .hasMessageContaining("unsplice: the splice has ended: Aborted[reason=closed by");
    }
  }

  /// It waits for the reader, and whoever does not want to wait closes.
  @Test
  void waitsForAReaderUntilItIsClosed() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(engine.splicer(), END.withSendBuffer(64 << 10));
      Ends.fill(ends, splice.upstream());
      var undone = splice.unsplice().toCompletableFuture();
      awaitState(splice.upstream(), LaneState.LEAVING);
      ended(closed(splice));
      assertThatThrownBy(undone::join).hasMessageContaining("closed by the application");
    }
  }

  private static SpliceHandle closed(SpliceHandle splice) {
    splice.close();
    return splice;
  }
}
