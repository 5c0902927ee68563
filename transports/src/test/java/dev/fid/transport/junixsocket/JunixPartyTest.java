package dev.fid.transport.junixsocket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.splice.Party;
import dev.fid.splice.SpliceOptions;
import dev.fid.splice.SpliceStats;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import dev.fid.transport.SplicingApplication;
import dev.fid.transport.nio.NioParty;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.newsclub.net.unix.AFSocketChannel;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketPair;

class JunixPartyTest {
  @TempDir private Path folder;

  /// Its channels on one side, the JDK's on the other.
  @ParameterizedTest
  @CsvSource({"tcp,true", "unix,true", "tcp,false"})
  void channelsAreSpliced(String back, boolean kernel) throws Exception {
    Path front = folder.resolve("front");
    AFUNIXServerSocketChannel listener = AFUNIXServerSocketChannel.open();
    listener.bind(AFUNIXSocketAddress.of(front));
    try (Fid fid = Fid.open(FidOptions.defaults().withKernel(kernel));
        BackEnd backEnd = BackEnd.listen(Addresses.of(back, folder, "back"));
        SplicingApplication application =
            new SplicingApplication(
                fid,
                listener,
                listener::accept,
                () -> SocketChannel.open(backEnd.address()),
                JunixPartyTest::party,
                SpliceOptions.defaults())) {
      TrafficPlan plan = new TrafficPlan(4, 1 << 20).pauses(0.05, Duration.ofMillis(2));
      Traffic.run(UnixDomainSocketAddress.of(front), backEnd, plan).assertClean();
      assertThat(application.failures()).isEmpty();
      while (application.ended().size() < 4) {
        Thread.sleep(5);
      }
      assertThat(application.ended())
          .allMatch(end -> end.outcome() instanceof SpliceStats.Outcome.Completed);
    }
  }

  private static Party party(SocketChannel channel) {
    return channel instanceof AFSocketChannel<?> own ? JunixParty.of(own) : NioParty.of(channel);
  }

  /// A blocking socket with a time-out, which is of use again afterwards.
  @Test
  void socketsAreSplicedAndComeBack() throws Exception {
    var pair = AFUNIXSocketPair.open();
    var other = AFUNIXSocketPair.open();
    try (Fid fid = Fid.open();
        AFUNIXSocket near = (AFUNIXSocket) pair.getFirst().socket();
        AFUNIXSocket mine = (AFUNIXSocket) pair.getSecond().socket();
        AFUNIXSocket yours = (AFUNIXSocket) other.getFirst().socket();
        AFUNIXSocket far = (AFUNIXSocket) other.getSecond().socket()) {
      mine.setSoTimeout(60_000);
      var splice =
          fid.splice(JunixParty.of(mine), JunixParty.of(yours)).toCompletableFuture().join();
      near.getOutputStream().write("hello".getBytes(US_ASCII));
      assertThat(far.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(US_ASCII));
      splice.unsplice().toCompletableFuture().join();
      near.getOutputStream().write("again".getBytes(US_ASCII));
      assertThat(mine.getInputStream().readNBytes(5)).isEqualTo("again".getBytes(US_ASCII));
    }
  }

  @Test
  void whatCannotBeSplicedIsRefusedWithTheReason() throws Exception {
    try (Fid fid = Fid.open()) {
      AFUNIXSocket closed = AFUNIXSocket.newInstance();
      closed.close();
      var splice = fid.splice(JunixParty.of(closed), JunixParty.of(closed)).toCompletableFuture();
      assertThatThrownBy(splice::join)
          .hasCauseInstanceOf(IOException.class)
          .hasMessageContaining("cannot be spliced: ");
    }
  }
}
