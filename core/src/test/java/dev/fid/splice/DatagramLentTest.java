package dev.fid.splice;

import static dev.fid.splice.DatagramUnspliceTest.poll;
import static dev.fid.splice.DatagramUnspliceTest.receive;
import static dev.fid.splice.DatagramUnspliceTest.send;
import static dev.fid.splice.DatagramUnspliceTest.text;
import static dev.fid.splice.Ends.ended;
import static dev.fid.splice.Ends.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.os.TcpHold;
import dev.fid.splice.SpliceStats.Outcome;
import dev.fid.testkit.Patience;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Datagram sockets that stay their application's: what a splice does to them, and what it refuses.
@RequiresBpf
@InNewNetwork
class DatagramLentTest {
  private static final SpliceOptions DEFAULTS = SpliceOptions.datagrams();

  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @CsvSource({"UDP,UDP", "UDP,UNIX_DATAGRAM", "UNIX_DATAGRAM,UDP", "UNIX_DATAGRAM,UNIX_DATAGRAM"})
  void datagramsGoByTheKernelBothWays(Family near, Family far) throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(near, far)) {
      Session session = ends.splice(engine.splicer(), DEFAULTS);
      long bytes = 0;
      for (int i = 0; !bothCarry(session.stats()); i++) {
        send(ends.near(), "up" + i);
        assertThat(receive(ends.far())).isEqualTo("up" + i);
        send(ends.far(), "down" + i);
        assertThat(receive(ends.near())).isEqualTo("down" + i);
        bytes += ("up" + i).length();
      }
      SpliceStats stats = session.unsplice().toCompletableFuture().join().stats();
      assertThat(stats.upstream().bytes()).isEqualTo(bytes);
    }
  }

  private static boolean bothCarry(SpliceStats stats) {
    return stats.upstream().redirectedSkbs() > 50 && stats.downstream().redirectedSkbs() > 50;
  }

  /// Nobody's connection has ended, so the sockets are of use, however the splice did.
  @ParameterizedTest
  @EnumSource(names = {"UDP", "UNIX_DATAGRAM"})
  void oneThatIsClosedLeavesThemOfUse(Family family) throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(family, Family.UDP)) {
      Session session = ends.splice(engine.splicer(), DEFAULTS);
      send(ends.near(), "1");
      assertThat(receive(ends.far())).isEqualTo("1");
      session.close();
      assertThat(ended(session).outcome()).isInstanceOf(Outcome.Aborted.class);
      assertOfUse(ends);
    }
  }

  @Test
  void oneThatIsIdleForTooLongEnds() throws Exception {
    CompletableFuture<Custody.Returned> returned = new CompletableFuture<>();
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.UNIX_DATAGRAM)) {
      SpliceHandle session =
          engine
              .splicer()
              .splice(
                  Party.descriptor(ends.a(), List.of(), returned::complete),
                  ends.second(),
                  DEFAULTS.withIdleTimeout(Patience.of(Duration.ofMillis(300))))
              .toCompletableFuture()
              .join();
      assertThat(ended(session).outcome()).isEqualTo(new Outcome.Completed());
      assertThat(returned.join())
          .isEqualTo(new Custody.Returned(List.of(), new Outcome.Completed()));
      assertOfUse(ends);
    }
  }

  private void assertOfUse(DatagramEnds ends) throws Exception {
    assertThat(engine.splicer().mapEntries()).isZero();
    assertThat(TcpHold.isFiltered(ends.a())).isFalse();
    send(ends.near(), "to a");
    assertThat(receive(ends.a())).isEqualTo("to a");
    send(ends.a(), "to near");
    assertThat(receive(ends.near())).isEqualTo("to near");
    send(ends.far(), "to b");
    assertThat(receive(ends.b())).isEqualTo("to b");
  }

  /// What was read before goes first, then what waits in the socket, each as it was.
  @ParameterizedTest
  @EnumSource(names = {"UDP", "UNIX_DATAGRAM"})
  void whatCameBeforeGoesFirstWithItsBoundaries(Family family) throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(family, Family.UDP)) {
      send(ends.near(), "third");
      send(ends.near(), "4");
      List<ByteBuffer> head = List.of(bytes("first"), bytes(""), bytes("second"));
      SpliceHandle session =
          engine
              .splicer()
              .splice(
                  Party.descriptor(ends.a(), head, _ -> {}),
                  ends.second(),
                  SpliceOptions.datagrams())
              .toCompletableFuture()
              .join();
      send(ends.near(), "fifth");
      for (String expected : List.of("first", "", "second", "third", "4", "fifth")) {
        assertThat(receive(ends.far())).isEqualTo(expected);
      }
      session.unsplice().toCompletableFuture().join();
    }
  }

  @Test
  void whatWasReadOfAStreamBesideDatagramsGoesFirst() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.TCP)) {
      send(ends.far(), "wo\0\5three");
      SpliceHandle session =
          engine
              .splicer()
              .splice(
                  ends.first(),
                  Party.descriptor(ends.b(), bytes("\0\3one\0\3t"), _ -> {}),
                  DEFAULTS.withFraming(Framing.LEN16))
              .toCompletableFuture()
              .join();
      for (String expected : List.of("one", "two", "three")) {
        assertThat(receive(ends.near())).isEqualTo(expected);
      }
      session.unsplice().toCompletableFuture().join();
    }
  }

  @Test
  void whatWasChangedIsPutBack() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.UNIX_DATAGRAM)) {
      for (int fd : new int[] {ends.a(), ends.b()}) {
        Fds.setNonBlocking(fd, false);
      }
      Sockets.BufferState udp = Sockets.bufferState(ends.a());
      Sockets.BufferState unix = Sockets.bufferState(ends.b());
      Session session = ends.splice(engine.splicer(), DEFAULTS);
      send(ends.near(), "1");
      assertThat(receive(ends.far())).isEqualTo("1");
      assertThat(Sockets.bufferState(ends.b())).isNotEqualTo(unix);
      session.unsplice().toCompletableFuture().join();
      assertThat(Sockets.bufferState(ends.a())).isEqualTo(udp);
      assertThat(Sockets.bufferState(ends.b())).isEqualTo(unix);
      for (int fd : new int[] {ends.a(), ends.b()}) {
        assertThat(TcpHold.isFiltered(fd)).isFalse();
        assertThat(Fds.setNonBlocking(fd, true)).as("was non-blocking").isFalse();
      }
    }
  }

  /// The duplicate keeps the socket alive.
  @Test
  void theApplicationMayCloseItsOwnAtOnce() throws Exception {
    int near = DatagramEnds.bound(Family.UDP, "127.0.0.1");
    int a = DatagramEnds.bound(Family.UDP, "127.0.0.1");
    DatagramEnds.connect(a, near);
    DatagramEnds.connect(near, a);
    try (DatagramEnds other = DatagramEnds.of(Family.UNIX_DATAGRAM, Family.UDP)) {
      SpliceHandle session =
          engine
              .splicer()
              .splice(Party.descriptor(a), other.first(), DEFAULTS)
              .toCompletableFuture()
              .join();
      Fds.close(a);
      send(near, "1");
      assertThat(receive(other.near())).isEqualTo("1");
      session.close();
      ended(session);
      assertThat(poll(other.near())).isNull();
    } finally {
      Fds.close(near);
    }
  }

  @Test
  void aUnixReceiverThatGoesEndsIt() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.UDP)) {
      int gone = DatagramEnds.bound(Family.UNIX_DATAGRAM, "");
      int b = DatagramEnds.bound(Family.UNIX_DATAGRAM, "");
      DatagramEnds.connect(b, gone);
      SpliceHandle session =
          engine
              .splicer()
              .splice(ends.first(), Party.descriptor(b), DEFAULTS)
              .toCompletableFuture()
              .join();
      Fds.close(gone);
      until(() -> {
        send(ends.near(), "into the void");
        return !(session.stats().outcome() instanceof Outcome.Live);
      });
      assertThat(ended(session).outcome()).isEqualTo(new Outcome.Completed());
      Fds.close(b);
    }
  }

  /// Another has taken the error, and the sender is held back by what waited for the receiver: no
  /// event and no drop tells.
  @Test
  void aUnixReceiverThatGoesUnheardEndsItToo() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UNIX_DATAGRAM, Family.UDP)) {
      int gone = DatagramEnds.bound(Family.UNIX_DATAGRAM, "");
      int b = DatagramEnds.bound(Family.UNIX_DATAGRAM, "");
      DatagramEnds.connect(b, gone);
      Session session =
          (Session)
              engine
                  .splicer()
                  .splice(ends.first(), Party.descriptor(b), DEFAULTS.withSendBuffer(32 << 10))
                  .toCompletableFuture()
                  .join();
      until(() -> {
        send(ends.near(), "ping");
        assertThat(receive(gone)).isEqualTo("ping");
        return session.stats().upstream().redirectedSkbs() > 0;
      });
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment kilobyte = arena.allocate(1024);
        SocketPair.await(() -> Fds.send(ends.near(), kilobyte), sent -> sent == -Errno.EAGAIN);
        Ends.onLoop(
            session.loop(),
            () -> {
              Fds.close(gone);
              SocketPair.await(
                  () -> session.upstream().enrolment().state().backlog(), backlog -> backlog < 0);
              return Sockets.error(b);
            });
        assertThat(Fds.send(ends.near(), kilobyte)).isEqualTo(-Errno.EAGAIN);
        until(() -> {
          Fds.send(ends.near(), kilobyte);
          return !(session.stats().outcome() instanceof Outcome.Live);
        });
      }
      assertThat(ended(session).outcome()).isEqualTo(new Outcome.Completed());
      Fds.close(b);
    }
  }

  @Test
  void aStreamAndDatagramsWithoutFramingAreRefused() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UNIX_DATAGRAM, Family.TCP)) {
      List<Custody.Returned> returned = new ArrayList<>();
      var refused =
          engine
              .splicer()
              .splice(
                  Party.descriptor(ends.a(), List.of(bytes("1"), bytes("2")), returned::add),
                  Party.descriptor(ends.b(), List.of(), returned::add),
                  DEFAULTS)
              .toCompletableFuture();
      assertThatThrownBy(refused::join)
          .hasMessageContaining("unix+dgram and tcp are a stream and messages")
          .hasMessageContaining("withFraming");
      assertThat(returned).hasSize(2).allMatch(how -> how.outcome().equals(new Outcome.Undone()));
      assertThat(text(returned.getFirst().unread())).isEqualTo("12");
    }
  }

  @Test
  void descriptorsAreNotCarriedAndSoRefused() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UNIX_DATAGRAM, Family.UNIX_DATAGRAM)) {
      assertThatThrownBy(
              () -> ends.splice(engine.splicer(), DEFAULTS.withAncillary(Ancillary.RELAY)))
          .hasMessageContaining("two UNIX streams or two UNIX SEQPACKET");
    }
  }

  @Test
  void oneWithAFilterIsRefused() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.UDP)) {
      TcpHold.hold(ends.a());
      assertThatThrownBy(() -> ends.splice(engine.splicer(), DEFAULTS))
          .hasMessageContaining("it has a socket filter");
    }
  }

  @Test
  void oneThatJoinsDatagramsIsRefused() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.UDP)) {
      Sockets.setJoinDatagrams(ends.a(), true);
      assertThatThrownBy(() -> ends.splice(engine.splicer(), DEFAULTS))
          .hasMessageContaining("it receives several datagrams as one (UDP_GRO): switch that off");
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }
}
