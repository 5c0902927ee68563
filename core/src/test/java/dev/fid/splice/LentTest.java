package dev.fid.splice;

import static dev.fid.splice.Ends.ended;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.os.TcpHold;
import dev.fid.splice.SpliceStats.Outcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sockets that stay their application's: what a splice does to them, and what it refuses.
@RequiresBpf
class LentTest {
  private static final SpliceOptions KEEP = SpliceOptions.defaults();

  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @CsvSource({"TCP,TCP", "TCP,UNIX_STREAM", "UNIX_STREAM,TCP", "UNIX_STREAM,UNIX_STREAM"})
  void completesAndLeavesTheDescriptorsOpen(Family near, Family far) throws Exception {
    try (Ends ends = Ends.of(near, far)) {
      Splice splice = ends.lend(engine.splicer(), KEEP);
      ends.near.send(200_000).endWriting();
      ends.far.receive(200_000);
      assertThat(ends.far.receiveToEnd()).isZero();
      ends.far.send(300_000).endWriting();
      ends.near.receive(300_000);
      assertThat(ends.near.receiveToEnd()).isZero();
      assertThat(ended(splice).outcome()).isEqualTo(new Outcome.Completed());
      assertThat(Sockets.cookie(ends.nearFd())).isPositive();
      assertThat(engine.splicer().mapEntries()).isZero();
    }
  }

  @Test
  void anAbortMakesTheApplicationsCloseAReset() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.lend(engine.splicer(), KEEP);
      splice.close();
      assertThat(ended(splice).outcome()).isInstanceOf(Outcome.Aborted.class);
      Fds.close(ends.takeNear().fd());
      assertThat(ends.near.receiveToEnd()).isEqualTo(-Errno.ECONNRESET);
    }
  }

  /// The duplicate keeps the socket alive.
  @Test
  void theApplicationMayCloseItsOwnAtOnce() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Splice splice = ends.lend(engine.splicer(), KEEP);
      Fds.close(ends.takeNear().fd());
      ends.near.send(200_000).endWriting();
      ends.far.receive(200_000);
      assertThat(ends.far.receiveToEnd()).isZero();
      ends.far.endWriting();
      assertThat(ends.near.receiveToEnd()).isZero();
      assertThat(ended(splice).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  /// tcp_read_skb() gives the verdict whole skbs, also one that is read in part.
  @ParameterizedTest
  @CsvSource({"TCP,TCP", "UNIX_STREAM,TCP", "TCP,UNIX_STREAM"})
  void whatTheApplicationHasReadDoesNotComeAgain(Family near, Family far) throws Exception {
    try (Ends ends = Ends.of(near, far);
        Arena arena = Arena.ofConfined()) {
      ends.far.send(5000);
      ends.near.send(20_000);
      MemorySegment part = arena.allocate(3000);
      long read = SocketPair.await(() -> Fds.recv(ends.farFd(), part), got -> got == 3000);
      CompletableFuture<Custody.Returned> returned = new CompletableFuture<>();
      Splice splice =
          (Splice)
              engine
                  .splicer()
                  .splice(
                      Party.descriptor(ends.nearFd()),
                      Party.descriptor(ends.farFd(), part.asByteBuffer(), returned::complete),
                      KEEP.withHalfClose(HalfClose.END))
                  .toCompletableFuture()
                  .join();
      assertThat(read).isEqualTo(3000);
      ends.near.receive(5000);
      ends.far.receive(20_000);
      ends.far.send(100_000);
      ends.near.receive(100_000);
      Unspliced unspliced = splice.unsplice().toCompletableFuture().join();
      assertThat(unspliced.stats().downstream().bytes()).isEqualTo(105_000);
      assertThat(returned.join().outcome()).isEqualTo(new Outcome.Undone());
      if (far == Family.TCP) {
        assertThat(unspliced.stats().downstream().trimmedBytes()).isEqualTo(3000);
      }
    }
  }

  /// unix_stream_read_skb() does so too; a lane that is enrolled while something is queued sees it.
  @Test
  void whatWasReadOfAUnixSkbDoesNotComeAgain() throws Exception {
    try (Ends ends = Ends.of(Family.UNIX_STREAM, Family.TCP);
        Arena arena = Arena.ofConfined()) {
      ends.near.send(10_000);
      assertThat(Fds.recv(ends.nearFd(), arena.allocate(6_000))).isEqualTo(6_000);
      Splice splice = ends.unstarted(engine.splicer(), KEEP);
      SpliceMaps maps = splice.loop().maps();
      long cookie = Sockets.cookie(ends.nearFd());
      Gate gate =
          Objects.requireNonNull(
              maps.claim(splice.upstream(), cookie, 64, LaneLayout.FLAG_UNGATED));
      assertThat(maps.enrol(gate, ends.nearFd(), ends.farFd())).isZero();
      ends.near.send(10); // its data-ready takes what is queued
      ends.far.awaitQueued(4_000);
      assertThat(Sockets.queued(ends.far.fd())).isEqualTo(4_000);
      maps.evict(gate);
      maps.release(gate);
    }
  }

  @Test
  void whatWasChangedIsPutBack() throws Exception {
    try (Ends ends = Ends.tcp()) {
      int fd = ends.nearFd();
      Fds.setNonBlocking(fd, false);
      Sockets.setReceiveLowWater(fd, 7);
      Sockets.BufferState buffers = Sockets.bufferState(fd);
      Splice splice = ends.lend(engine.splicer(), KEEP);
      Ends.awaitState(splice.upstream(), LaneState.KERNEL);
      ends.near.send(1000);
      ends.far.receive(1000);
      assertThat(Sockets.receiveLowWater(fd)).isEqualTo(1);
      splice.unsplice().toCompletableFuture().join();
      assertThat(Sockets.receiveLowWater(fd)).isEqualTo(7);
      assertThat(Sockets.bufferState(fd)).isEqualTo(buffers);
      assertThat(Fds.setNonBlocking(fd, true)).as("was non-blocking").isFalse();
      assertThat(TcpHold.isFiltered(fd)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "unix"})
  void oneThatIsNotConnectedIsRefused(String family) throws Exception {
    int domain = family.equals("tcp") ? Sockets.AF_INET : Sockets.AF_UNIX;
    assertRefused(
        Sockets.socket(domain, Sockets.SOCK_STREAM), "it is not connected: getpeername: ENOTCONN");
  }

  @Test
  void aListenerIsRefused() throws Exception {
    int fd = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM);
    Sockets.bind(fd, SocketName.inet(InetAddress.getLoopbackAddress(), 0));
    Sockets.listen(fd, 1);
    assertRefused(fd, "it listens: splice a connection");
  }

  @ParameterizedTest
  @ValueSource(ints = {Sockets.AF_INET, Sockets.AF_INET6, Sockets.AF_UNIX})
  void datagramsThatAreNotConnectedAreRefused(int domain) throws Exception {
    assertRefused(
        Sockets.socket(domain, Sockets.SOCK_DGRAM),
        "it is not connected: getpeername: ENOTCONN (Transport endpoint is not connected): connect it");
  }

  @Test
  void whatIsNoSocketIsRefused() throws Exception {
    Fds.Pipe pipe = Fds.pipe(4096);
    Fds.close(pipe.writeEnd());
    assertRefused(pipe.readEnd(), "ENOTSOCK");
  }

  @Test
  void aSocketWithAFilterIsRefused() throws Exception {
    try (Ends ends = Ends.tcp()) {
      TcpHold.hold(ends.nearFd());
      assertThatThrownBy(() -> ends.lend(engine.splicer(), KEEP))
          .hasMessageContaining("it has a socket filter");
    }
  }

  /// And the other's socket comes back as it was, with what had been read of it.
  private void assertRefused(int fd, String reason) throws Exception {
    try (Ends ends = Ends.tcp()) {
      CompletableFuture<Custody.Returned> returned = new CompletableFuture<>();
      ByteBuffer head = ByteBuffer.allocate(3);
      var refused =
          engine
              .splicer()
              .splice(
                  Party.descriptor(ends.nearFd(), head, returned::complete),
                  Party.descriptor(fd),
                  KEEP)
              .toCompletableFuture();
      assertThatThrownBy(refused::join).hasMessageContaining(reason);
      assertThat(returned.join())
          .isEqualTo(new Custody.Returned(List.of(head), new Outcome.Undone()));
    } finally {
      Fds.close(fd);
    }
  }
}
