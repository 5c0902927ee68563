package dev.fid.splice;

import static dev.fid.splice.Ends.ended;
import static dev.fid.splice.Ends.until;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.os.TcpHold;
import dev.fid.splice.SpliceStats.Outcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Taking a session apart: the sockets go on by hand, and no datagram is missing, doubled or merged
/// with another.
@RequiresBpf
@InNewNetwork
class DatagramUnspliceTest {
  private static final SpliceOptions DEFAULTS = SpliceOptions.datagrams();

  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @CsvSource({"UDP,UDP", "UDP,UNIX_DATAGRAM", "UNIX_DATAGRAM,UDP", "UNIX_DATAGRAM,UNIX_DATAGRAM"})
  void whileDatagramsFlowBothWays(Family near, Family far) throws Exception {
    SplittableRandom random = new SplittableRandom(near.hashCode() * 31L + far.hashCode());
    int caught = 0;
    for (int round = 0; round < 8; round++) {
      Unspliced unspliced = flow(engine.splicer(), near, far, random.nextLong(5000));
      assertThat(unspliced.stats().upstream().plan()).isEqualTo(new LanePlan.InKernel());
      assertThat(unspliced.stats().downstream().plan()).isEqualTo(new LanePlan.InKernel());
      caught += unspliced.fromFirst().size() + unspliced.fromSecond().size();
    }
    assertThat(caught).as("datagrams that came as the sockets left").isPositive();
  }

  @ParameterizedTest
  @CsvSource({"UDP,UNIX_DATAGRAM", "UNIX_DATAGRAM,UDP"})
  void ofOneThatIsRelayed(Family near, Family far) throws Exception {
    try (Splicer relaying = new Splicer(1, Engine.CAPACITY, false)) {
      Unspliced unspliced = flow(relaying, near, far, 2000);
      assertThat(unspliced.stats().upstream().relayBytes()).isPositive();
    }
  }

  private static boolean inOrder(Family near, Family far) {
    return near == Family.UNIX_DATAGRAM && far == Family.UNIX_DATAGRAM;
  }

  private static Unspliced flow(Splicer splicer, Family near, Family far, long after)
      throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(near, far)) {
      Session session = ends.splice(splicer, DEFAULTS);
      Numbered up = new Numbered(ends.near(), ends.far(), 64, inOrder(near, far));
      Numbered down = new Numbered(ends.far(), ends.near(), 64, inOrder(near, far));
      until(() ->
          (up.received() > after && down.received() > after)
              || !up.failures().isEmpty()
              || !down.failures().isEmpty());
      Unspliced unspliced = session.unsplice().toCompletableFuture().join();
      assertThat(splicer.mapEntries()).as("entries of sockets that live on").isZero();
      assertThat(TcpHold.isFiltered(ends.a())).isFalse();
      assertThat(TcpHold.isFiltered(ends.b())).isFalse();
      try (ByHand _ = new ByHand(ends.a(), unspliced.fromFirst(), ends.b());
          ByHand _ = new ByHand(ends.b(), unspliced.fromSecond(), ends.a())) {
        long more = after + 1000;
        until(() ->
            (up.received() > more && down.received() > more)
                || !up.failures().isEmpty()
                || !down.failures().isEmpty());
        up.finish();
        down.finish();
      }
      assertThat(unspliced.stats().outcome()).isEqualTo(new Outcome.Undone());
      assertThat(ended(session)).isEqualTo(unspliced.stats());
      assertThat(unspliced.stats().upstream().droppedSkbs()).isZero();
      assertThat(unspliced.stats().downstream().droppedSkbs()).isZero();
      return unspliced;
    }
  }

  /// What an application does with two datagram sockets that it has.
  private static final class ByHand implements AutoCloseable {
    private final Thread thread;
    private volatile boolean over;

    ByHand(int from, List<ByteBuffer> unread, int to) {
      thread = Thread.ofPlatform().start(() -> run(from, unread, to));
    }

    private void run(int from, List<ByteBuffer> unread, int to) {
      try (Datagram datagram = new Datagram(1 << 16);
          Arena arena = Arena.ofConfined()) {
        for (ByteBuffer piece : unread) {
          send(to, arena.allocate(piece.remaining()).copyFrom(MemorySegment.ofBuffer(piece)));
        }
        while (!over) {
          if (datagram.receive(from) >= 0) {
            send(to, datagram.payload());
          } else {
            LockSupport.parkNanos(20_000);
          }
        }
      }
    }

    private static void send(int to, MemorySegment datagram) {
      SocketPair.await(() -> Fds.send(to, datagram), sent -> sent != -Errno.EAGAIN);
    }

    @Override
    public void close() {
      over = true;
      while (thread.isAlive()) {
        LockSupport.parkNanos(20_000);
      }
    }
  }

  /// Sockets of the application's, and those that were given to the splice.
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void anIdleOneAtOnceAndAgain(boolean lent) throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.UNIX_DATAGRAM)) {
      for (int round = 0; round < 3; round++) {
        SpliceHandle session =
            lent
                ? ends.splice(engine.splicer(), DEFAULTS)
                : engine
                    .splicer()
                    .splice(
                        new Endpoint(Family.UDP, ends.a()),
                        new Endpoint(Family.UNIX_DATAGRAM, ends.b()),
                        DEFAULTS);
        send(ends.near(), "ask");
        assertThat(receive(ends.far())).isEqualTo("ask");
        send(ends.far(), "answer");
        assertThat(receive(ends.near())).isEqualTo("answer");
        Unspliced unspliced = session.unsplice().toCompletableFuture().join();
        assertThat(unspliced.fromFirst()).isEmpty();
        assertThat(unspliced.fromSecond()).isEmpty();
        assertThat(unspliced.stats().upstream().bytes()).isEqualTo(3);
        send(ends.near(), "to a");
        assertThat(receive(ends.a())).isEqualTo("to a");
      }
    }
  }

  @Test
  void ofOneThatHasEndedFails() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.UDP)) {
      Session session = ends.splice(engine.splicer(), DEFAULTS);
      session.close();
      ended(session);
      assertThatThrownBy(() -> session.unsplice().toCompletableFuture().join())
          .hasMessageContaining("unsplice: the splice has ended: Aborted[reason=closed by");
    }
  }

  /// A UNIX receiver that does not read holds its sender back, and the unsplice.
  @Test
  void waitsForAReaderUntilItIsClosed() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UNIX_DATAGRAM, Family.UNIX_DATAGRAM)) {
      Session session = ends.splice(engine.splicer(), DEFAULTS.withSendBuffer(32 << 10));
      untilInKernel(session, ends);
      String kilobyte = "x".repeat(1024);
      for (int i = 0; i < 60; i++) {
        send(ends.near(), kilobyte);
      }
      var undone = session.unsplice().toCompletableFuture();
      until(() -> Ends.onLoop(session.loop(), session.upstream()::state) == LaneState.LEAVING);
      LockSupport.parkNanos(100_000_000);
      assertThat(undone).isNotDone();
      session.close();
      assertThatThrownBy(undone::join).hasMessageContaining("closed by the application");
    }
  }

  @Test
  void andEndsWhenTheReaderReads() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UNIX_DATAGRAM, Family.UNIX_DATAGRAM)) {
      Session session = ends.splice(engine.splicer(), DEFAULTS.withSendBuffer(32 << 10));
      untilInKernel(session, ends);
      for (int i = 0; i < 60; i++) {
        send(ends.near(), "%1000d".formatted(i));
      }
      var undone = session.unsplice().toCompletableFuture();
      for (int i = 0; i < 60; i++) {
        assertThat(receive(ends.far())).isEqualTo("%1000d".formatted(i));
      }
      assertThat(undone.join().fromFirst()).isEmpty();
    }
  }

  /// Nothing lags, so what is sent from now on is redirected.
  private static void untilInKernel(Session session, DatagramEnds ends) {
    until(() -> {
      send(ends.near(), "ping");
      assertThat(receive(ends.far())).isEqualTo("ping");
      return Ends.onLoop(session.loop(), session.upstream()::state) == LaneState.KERNEL
          && session.upstream().lag().lag() == 0
          && session.stats().upstream().redirectedSkbs() > 0;
    });
  }

  /// The receiver has gone: what was for it comes back to nobody, and the sockets do.
  @Test
  void ofOneWhoseReceiverIsNotThere() throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, Family.UDP)) {
      Session session = ends.splice(engine.splicer(), DEFAULTS);
      send(ends.near(), "first");
      assertThat(receive(ends.far())).isEqualTo("first");
      DatagramEnds.connect(ends.far(), ends.near()); // takes nothing from b any more
      for (int i = 0; i < 10; i++) {
        send(ends.near(), "lost");
      }
      session.unsplice().toCompletableFuture().join();
      send(ends.near(), "to a");
      assertThat(receive(ends.a())).isIn("lost", "to a");
    }
  }

  @ParameterizedTest
  @CsvSource({"TCP,KEEP", "TCP,END", "UNIX_STREAM,KEEP", "UNIX_STREAM,END"})
  void withAStreamAtTheOtherSide(Family stream, HalfClose halfClose) throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, stream)) {
      Session session =
          ends.splice(
              engine.splicer(), DEFAULTS.withFraming(Framing.LEN16).withHalfClose(halfClose));
      for (int i = 0; i < 50; i++) {
        send(ends.near(), "up %03d".formatted(i));
        assertThat(readStream(ends.far(), 8)).isEqualTo("\0\6up %03d".formatted(i));
        send(ends.far(), "\0\10down %03d".formatted(i));
        assertThat(receive(ends.near())).isEqualTo("down %03d".formatted(i));
      }
      send(ends.far(), "\0\12half"); // 6 of 12 bytes
      Unspliced unspliced = session.unsplice().toCompletableFuture().join();
      assertThat(unspliced.fromFirst()).isEmpty();
      if (stream == Family.TCP || halfClose == HalfClose.END) {
        assertThat(unspliced.stats().upstream().redirectedSkbs()).isPositive();
      }
      assertThat(unspliced.stats().downstream().plan().inKernel()).isFalse();
      send(ends.far(), " of it");
      String begun = text(unspliced.fromSecond());
      String rest = readStream(ends.b(), 12 - begun.length());
      assertThat(begun + rest).isEqualTo("\0\12half of it");
      send(ends.b(), "back");
      assertThat(readStream(ends.far(), 4)).isEqualTo("back");
    }
  }

  /// Nobody can say how much of a message the kernel has; where it has nothing, it is undone.
  @ParameterizedTest
  @CsvSource({"TCP,LEN16,true", "UNIX_STREAM,NONE,true", "TCP,LEN16,false"})
  void ofAStreamThatWasGivenAwayIsRefusedWhereTheKernelCutsIt(
      Family stream, Framing framing, boolean kernel) throws Exception {
    try (DatagramEnds ends = DatagramEnds.of(Family.UDP, stream);
        Splicer splicer = new Splicer(1, Engine.CAPACITY, kernel)) {
      int a = Fds.duplicate(ends.a());
      int b = Fds.duplicate(ends.b());
      SpliceHandle session =
          splicer.splice(
              new Endpoint(Family.UDP, a), new Endpoint(stream, b), DEFAULTS.withFraming(framing));
      send(ends.far(), "\0\4down");
      assertThat(receive(ends.near())).endsWith("down");
      var undone = session.unsplice().toCompletableFuture();
      if (kernel) {
        assertThatThrownBy(undone::join)
            .hasMessageContaining("the kernel cuts the stream into datagrams")
            .hasMessageContaining("Party.descriptor");
        send(ends.far(), "\0\4more");
        assertThat(receive(ends.near())).endsWith("more");
        session.close();
        assertThat(ended(session).outcome()).isInstanceOf(Outcome.Aborted.class);
      } else {
        assertThat(undone.join().stats().outcome()).isEqualTo(new Outcome.Undone());
        Fds.close(a);
        Fds.close(b);
      }
    }
  }

  static void send(int fd, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      long sent = SocketPair.await(() -> Fds.send(fd, message), n -> n != -Errno.EAGAIN);
      assertThat(sent).isEqualTo(bytes.length);
    }
  }

  static String receive(int fd) {
    try (Datagram datagram = new Datagram(1 << 16)) {
      SocketPair.await(() -> datagram.receive(fd), n -> n != -Errno.EAGAIN);
      return text(List.of(datagram.payload().asByteBuffer()));
    }
  }

  static @Nullable String poll(int fd) {
    try (Datagram datagram = new Datagram(1 << 16)) {
      return datagram.receive(fd) < 0 ? null : text(List.of(datagram.payload().asByteBuffer()));
    }
  }

  private static String readStream(int fd, int length) {
    StringBuilder all = new StringBuilder();
    try (Arena arena = Arena.ofConfined()) {
      while (all.length() < length) {
        MemorySegment room = arena.allocate(length - all.length());
        long got = SocketPair.await(() -> Fds.recv(fd, room), n -> n != -Errno.EAGAIN);
        assertThat(got).isPositive();
        all.append(text(List.of(room.asSlice(0, got).asByteBuffer())));
      }
    }
    return all.toString();
  }

  static String text(List<ByteBuffer> pieces) {
    StringBuilder all = new StringBuilder();
    for (ByteBuffer piece : pieces) {
      all.append(ISO_8859_1.decode(piece.duplicate()));
    }
    return all.toString();
  }
}
