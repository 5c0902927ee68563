package dev.fid.splice;

import static dev.fid.splice.Ends.ended;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.ffi.Capability;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.splice.SpliceStats.Outcome;
import dev.fid.testkit.OpenFiles;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@RequiresBpf
class SplicerTest {
  private static final SpliceOptions END = SpliceOptions.defaults().withHalfClose(HalfClose.END);

  /// The first one opens what the JVM then keeps.
  private static OpenFiles openFiles() throws Exception {
    try (Splicer _ = new Splicer(2, 4, true)) {
      return OpenFiles.self();
    }
  }

  @Test
  void closingAbortsWhatLivesAndLeavesNothingOpen() throws Exception {
    openFiles();
    OpenFiles before = OpenFiles.self();
    try (Ends kernel = Ends.tcp();
        Ends pumping = Ends.tcp();
        Ends relayed = Ends.of(Family.TCP, Family.UNIX_STREAM)) {
      Splice splice;
      try (Splicer splicer = new Splicer(2, 4, true)) {
        splice = kernel.splice(splicer, END);
        Splice small = pumping.splice(splicer, END.withBacklog(2).withSendBuffer(16 << 10));
        Ends.fill(pumping, small.upstream());
        relayed.splice(splicer, SpliceOptions.defaults());
        kernel.near.send(1000);
        kernel.far.receive(1000);
        assertThat(splicer.mapEntries()).isPositive();
      }
      SpliceStats end = ended(splice);
      assertThat(end.outcome()).isEqualTo(new Outcome.Aborted("Fid was closed"));
      assertThat(end.upstream().kernelBytes()).isEqualTo(1000);
      assertThat(kernel.near.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
      assertThat(relayed.far.receiveToEnd()).isZero();
    }
    before.assertBack(Duration.ofSeconds(30));
  }

  @Test
  void twoSplicersDoNotKnowOfEachOther() throws Exception {
    try (Splicer one = new Splicer(1, 4, true);
        Splicer other = new Splicer(1, 4, true);
        Ends ends = Ends.tcp();
        Ends others = Ends.tcp()) {
      ends.splice(one, END);
      Splice othersSplice = others.splice(other, END);
      ends.near.send(1000);
      ends.far.receive(1000);
      others.near.send(500);
      others.far.receive(500);
      Ends.awaitState(othersSplice.downstream(), LaneState.KERNEL);
      assertThat(other.mapEntries()).isEqualTo(6);
    }
  }

  /// Threads inherit what the one that starts them may do: a loop starts with its first splice.
  @Test
  void withoutNetAdminSendBuffersStaySmallAndThatIsSaidOnce() throws Exception {
    try (LogLines log = LogLines.of(Splicer.class);
        Splicer splicer = new Splicer(2, 4, true);
        Ends ends = Ends.tcp();
        Ends again = Ends.tcp()) {
      SpliceLoop first = splicer.nextLoop();
      SpliceLoop second = splicer.nextLoop();
      assertThat(first).isNotSameAs(second);
      Capability.NET_ADMIN.without(() -> second.eventLoop().submit(() -> {}).sync());
      for (Ends each : new Ends[] {ends, again}) {
        SpliceLoop _ = splicer.nextLoop();
        Splice splice = each.splice(splicer, END);
        assertThat(splice.loop()).isSameAs(second);
        each.near.send(100_000);
        each.far.receive(100_000);
        assertThat(splice.stats().upstream().kernelBytes()).isEqualTo(100_000);
      }
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("send buffers stay at", "CAP_NET_ADMIN", "net.core.wmem_max");
    }
  }

  @Test
  void switchedOffItRelaysAndSaysWhy() throws Exception {
    try (Splicer splicer = new Splicer(1, 4, false);
        Ends ends = Ends.tcp()) {
      Splice splice = ends.splice(splicer, END);
      ends.near.send(1000);
      ends.far.receive(1000);
      assertThat(splice.stats().upstream().plan())
          .hasToString("relayed: the kernel path is switched off");
      assertThat(splicer.mapEntries()).isZero();
    }
  }
}
