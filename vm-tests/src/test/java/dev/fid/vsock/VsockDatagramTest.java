package dev.fid.vsock;

import static dev.fid.os.SocketPair.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.Fid;
import dev.fid.os.Fds;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.splice.Framing;
import dev.fid.splice.HalfClose;
import dev.fid.splice.LaneStats;
import dev.fid.testkit.Messenger;
import dev.fid.testkit.OpenFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The pairs of vsock with UDP and with UNIX datagrams: pipes that put each datagram behind its
/// length, in the kernel, and cut the stream into datagrams again, in user space.
class VsockDatagramTest {
  private static final int COUNT = 100;
  private static final long SIZES = COUNT * 8L + 600L * COUNT * (COUNT - 1) / 2;

  @TempDir private Path directory;
  private OpenFiles before;
  private Fid fid;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void open() throws Exception {
    Fid.open().close();
    before = OpenFiles.self();
    fid = Fid.open();
  }

  @AfterEach
  void close() throws Exception {
    fid.close();
    before.assertBack(Chain.PATIENCE);
  }

  private Pipe pipe(String listen, String connect, Framing framing) throws Exception {
    Pipe pipe =
        fid.bind(
            PipeSpec.builder("p")
                .listen(listen)
                .connect(connect)
                .framing(framing)
                .connectTimeout(Duration.ofMinutes(1))
                .build());
    pipe.start();
    return pipe;
  }

  private static int size(int i) {
    return 8 + 600 * i;
  }

  @ParameterizedTest
  @CsvSource({"LEN16", "LEN32"})
  void udpReachesVsockByTheKernel(Framing framing) throws Exception {
    try (FramedVsock.Listener listener = new FramedVsock.Listener();
        Messenger client = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe("udp://127.0.0.1:0", listener.uri(), framing);
      client.connect(pipe.listenAddress());
      client.send(0, 1000);
      try (FramedVsock back = listener.accept(framing)) {
        long first = firstInKernel(pipe, client, back);
        for (int i = 0; i < COUNT; i++) {
          client.send(first + i, size(i));
          assertThat(back.receive()).isEqualTo(new FramedVsock.Message(first + i, size(i)));
          back.send(i, size(i));
          Messenger.Received answer = client.receive();
          assertThat(answer.number()).isEqualTo(i);
          assertThat(answer.length()).isEqualTo(size(i));
        }
        assertByTheKernel(pipe.stats().upstream());
        assertRelayed(SIZES, () -> pipe.stats().downstream());
      }
    }
  }

  /// The first are relayed, message 0 and what this sends; the number of the next.
  private static long firstInKernel(Pipe pipe, Messenger client, FramedVsock back) {
    long sent = 1;
    for (; pipe.stats().upstream().redirectedSkbs() == 0; sent++) {
      assertThat(back.receive()).isEqualTo(new FramedVsock.Message(sent - 1, 1000));
      client.send(sent, 1000);
    }
    assertThat(back.receive()).isEqualTo(new FramedVsock.Message(sent - 1, 1000));
    return sent;
  }

  /// Senders without an address, as those of statsd: nobody is answered.
  @ParameterizedTest
  @CsvSource({"LEN16", "LEN32"})
  void unixDatagramsReachVsockByTheKernel(Framing framing) throws Exception {
    try (FramedVsock.Listener listener = new FramedVsock.Listener();
        Messenger client = Messenger.unnamed()) {
      Pipe pipe = pipe("unix+dgram://" + directory.resolve("front"), listener.uri(), framing);
      client.connect(pipe.listenAddress());
      client.send(0, 1000);
      try (FramedVsock back = listener.accept(framing)) {
        long first = firstInKernel(pipe, client, back);
        for (int i = 0; i < COUNT; i++) {
          client.send(first + i, size(i));
          assertThat(back.receive()).isEqualTo(new FramedVsock.Message(first + i, size(i)));
        }
        assertByTheKernel(pipe.stats().upstream());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"udp, LEN16", "udp, LEN32", "unix, LEN16", "unix, LEN32"})
  void vsockReachesDatagramsAndIsAnsweredByTheKernel(String family, Framing framing)
      throws Exception {
    try (Messenger back = backEnd(family)) {
      Pipe pipe = pipe("vsock://local:0", back.address().toString(), framing);
      try (FramedVsock client = FramedVsock.connect(port(pipe), framing)) {
        long first = 0;
        for (; pipe.stats().downstream().redirectedSkbs() == 0; first++) {
          exchange(client, back, first, 1000);
        }
        for (int i = 0; i < COUNT; i++) {
          exchange(client, back, first + i, size(i));
        }
        assertRelayed(first * 1000 + SIZES, () -> pipe.stats().upstream());
        assertByTheKernel(pipe.stats().downstream());
      }
    }
  }

  private static void exchange(FramedVsock client, Messenger back, long number, int length) {
    client.send(number, length);
    Messenger.Received request = back.receive();
    assertThat(request.number()).isEqualTo(number);
    assertThat(request.length()).isEqualTo(length);
    back.sendTo(request.from(), -number, length);
    assertThat(client.receive()).isEqualTo(new FramedVsock.Message(-number, length));
  }

  @MustBeClosed
  private Messenger backEnd(String family) throws Exception {
    return family.equals("udp")
        ? Messenger.udp("127.0.0.1")
        : Messenger.unix(directory.resolve("back").toString());
  }

  private static long port(Pipe pipe) {
    return ((Address.Vsock) pipe.listenAddress()).port();
  }

  /// The one at which the kernel took over, and all after it.
  private static void assertByTheKernel(LaneStats lane) {
    assertThat(lane.plan().inKernel()).isTrue();
    assertThat(lane.redirectedSkbs()).isGreaterThan(COUNT);
    assertThat(lane.droppedSkbs()).isZero();
  }

  /// The relay counts a message once it has sent it, and so after the other side may have it.
  private static void assertRelayed(long bytes, Supplier<LaneStats> lane) {
    await(() -> lane.get().relayBytes(), relayed -> relayed >= bytes);
    assertThat(lane.get().plan().inKernel()).isFalse();
    assertThat(lane.get().relayBytes()).isEqualTo(bytes);
    assertThat(lane.get().droppedSkbs()).isZero();
  }

  /// What a vsock reader that stops has no room for is dropped, counted, and nothing else.
  @Test
  void theCountersSayWhatAVsockReaderMisses() throws Exception {
    int count = 4_000;
    try (FramedVsock.Listener listener = new FramedVsock.Listener();
        Messenger client = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe("udp://127.0.0.1:0", listener.uri(), Framing.LEN16);
      client.connect(pipe.listenAddress());
      client.send(0, 1000);
      try (FramedVsock back = listener.accept(Framing.LEN16)) {
        long sent = firstInKernel(pipe, client, back);
        long received = sent;
        long flood = sent + count;
        for (; sent < flood; sent++) {
          client.send(sent, 1000);
        }
        long last = received - 1;
        while (hasMore(back, pipe, sent - received)) {
          FramedVsock.Message message = back.receive();
          assertThat(message.number()).isGreaterThan(last);
          last = message.number();
          received++;
        }
        LaneStats stats = pipe.stats().upstream();
        assertThat(received + stats.droppedSkbs()).isEqualTo(sent);
        assertThat(stats.datagramDrops().overload()).isPositive().isEqualTo(stats.droppedSkbs());
      }
    }
  }

  /// Whether a message comes; false once all that is missing was dropped.
  private static boolean hasMore(FramedVsock back, Pipe pipe, long missing) {
    await(
        () -> back.isReady() || pipe.stats().upstream().droppedSkbs() == missing ? 1 : 0,
        answer -> answer == 1);
    return back.isReady();
  }

  /// A UNIX sender is held back in place of that, and nothing is lost.
  @Test
  void aVsockReaderThatStopsHoldsAUnixSenderBack() throws Exception {
    try (FramedVsock.Listener listener = new FramedVsock.Listener();
        Messenger client = Messenger.unnamed();
        Arena arena = Arena.ofConfined()) {
      Pipe pipe = pipe("unix+dgram://" + directory.resolve("front"), listener.uri(), Framing.LEN32);
      client.connect(pipe.listenAddress());
      client.send(0, 1000);
      try (FramedVsock back = listener.accept(Framing.LEN32)) {
        long sent = firstInKernel(pipe, client, back);
        long received = sent;
        MemorySegment room = arena.allocate(1000);
        while (Fds.send(client.fd(), Messenger.message(room, sent, 1000)) == 1000) {
          sent++;
          assertThat(sent).isLessThan(100_000);
        }
        for (; received < sent; received++) {
          assertThat(back.receive()).isEqualTo(new FramedVsock.Message(received, 1000));
        }
        client.send(sent, 60_000);
        assertThat(back.receive()).isEqualTo(new FramedVsock.Message(sent, 60_000));
        assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
      }
    }
  }

  /// The session ends with the stream, and takes nothing with it that had come.
  @ParameterizedTest
  @CsvSource({"udp", "unix"})
  void aVsockClientThatGoesEndsItsSession(String family) throws Exception {
    try (Messenger back = backEnd(family)) {
      Pipe pipe =
          fid.bind(
              PipeSpec.builder("p")
                  .listen("vsock://local:0")
                  .connect(back.address())
                  .framing(Framing.LEN16)
                  .halfClose(HalfClose.END)
                  .build());
      pipe.start();
      try (FramedVsock client = FramedVsock.connect(port(pipe), Framing.LEN16)) {
        for (int i = 0; i < 5; i++) {
          client.send(i, 1000);
        }
        client.endWriting();
        for (int i = 0; i < 5; i++) {
          assertThat(back.receive().number()).isEqualTo(i);
        }
        assertThat(client.isAtEnd()).isTrue();
      }
      await(() -> pipe.stats().live(), live -> live == 0);
      await(fid::mapEntries, entries -> entries == 0);
    }
  }
}
