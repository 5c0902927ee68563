package dev.fid.datagram;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.PipeStats;
import dev.fid.testkit.Handover;
import dev.fid.testkit.Messenger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RequiresBpf
@InNewNetwork
class LoadTest {
  private static final int WINDOW = 512;
  private static final long PATIENCE_NANOS = Duration.ofMinutes(1).toNanos();

  @TempDir private Path directory;
  private Fid fid;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void open() throws Exception {
    fid = Fid.open();
  }

  @AfterEach
  void close() {
    fid.close();
  }

  private Pipe pipe(String listen, Address to) throws Exception {
    Pipe pipe = fid.bind(PipeSpec.builder("load").listen(listen).connect(to).build());
    pipe.start();
    return pipe;
  }

  /// The sender is never more than a window ahead of the receiver: a rate that the receiver takes.
  @ParameterizedTest
  @CsvSource({"udp, udp, 100000", "udp, unix, 1000000", "unix, udp, 1000000", "unix, unix, 100000"})
  void noneIsLostAtARateThatTheReceiverTakes(String from, String to, int count) throws Exception {
    try (Messenger back =
            to.equals("udp")
                ? Messenger.udp("127.0.0.1")
                : Messenger.unix(directory.resolve("back").toString());
        Messenger client = from.equals("udp") ? Messenger.udp("127.0.0.1") : Messenger.unnamed()) {
      Sockets.setReceiveBuffer(back.fd(), 4 << 20);
      Pipe pipe =
          pipe(
              from.equals("udp")
                  ? "udp://127.0.0.1:0"
                  : "unix+dgram://" + directory.resolve("front"),
              back.address());
      client.connect(pipe.listenAddress());
      Handover.await(
          () -> Handover.relays(pipe.stats().upstream()),
          number -> {
            client.send(number, 8);
            assertThat(back.receive().number()).isEqualTo(number);
          });
      long before = pipe.stats().upstream().redirectedSkbs();
      AtomicLong received = new AtomicLong();
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                for (long i = 0; i < count; i++) {
                  while (i - received.get() >= WINDOW) {
                    LockSupport.parkNanos(20_000);
                  }
                  client.send(i, 8 + (int) (i % 120));
                }
              });
      BitSet seen = new BitSet(count);
      for (int i = 0; i < count; i++) {
        Messenger.Received message = back.receive();
        assertThat(message.length()).isEqualTo(8 + (int) (message.number() % 120));
        seen.set((int) message.number());
        received.incrementAndGet();
      }
      sender.join();
      assertThat(seen.cardinality()).isEqualTo(count);
      assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
      assertThat(pipe.stats().upstream().redirectedSkbs()).isGreaterThan(before + count / 2);
    }
  }

  @ParameterizedTest
  @CsvSource({"udp", "unix"})
  void overThatRateTheCountersSayWhatIsLost(String to) throws Exception {
    int count = 300_000;
    try (Messenger back =
            to.equals("udp")
                ? Messenger.udp("127.0.0.1")
                : Messenger.unix(directory.resolve("back").toString());
        Messenger client = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe("udp://127.0.0.1:0", back.address());
      client.connect(pipe.listenAddress());
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                for (long i = 0; i < count; i++) {
                  client.send(i, 8 + (int) (i % 120));
                }
              });
      long received = 0;
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (System.nanoTime() < deadline && received + lost(pipe, back) < count) {
        for (Messenger.Received next = back.poll(); next != null; next = back.poll()) {
          received++;
        }
      }
      sender.join();
      pipe.stop(Duration.ZERO).toCompletableFuture().join();
      assertThat(received + lost(pipe, back)).isEqualTo(count);
      assertThat(received).isLessThan(count);
    }
  }

  /// A datagram of each client, 50 at a time, and its answer.
  private static void exchange(List<Messenger> clients, Messenger back, int length) {
    for (int from = 0; from < 1000; from += 50) {
      for (int i = from; i < from + 50; i++) {
        clients.get(i).send(i, length);
      }
      for (int i = from; i < from + 50; i++) {
        Messenger.Received request = back.receive();
        back.sendTo(request.from(), request.number(), length);
      }
      for (int i = from; i < from + 50; i++) {
        Messenger.Received answer = clients.get(i).receive();
        assertThat(answer.number()).isEqualTo(i);
        assertThat(answer.length()).isEqualTo(length);
      }
    }
  }

  /// What the counters say.
  private static long lost(Pipe pipe, Messenger back) {
    PipeStats stats = pipe.stats();
    return stats.upstream().droppedSkbs()
        + stats.downstream().droppedSkbs()
        + Sockets.drops(back.fd());
  }

  @Test
  @SuppressWarnings("MustBeClosed") // all are closed at the end
  void aThousandClientsAtOnce() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe("udp://127.0.0.1:0", back.address());
      List<Messenger> clients = new ArrayList<>();
      try {
        for (int i = 0; i < 1000; i++) {
          clients.add(Messenger.to(pipe.listenAddress()));
        }
        long before;
        do {
          before = pipe.stats().upstream().redirectedSkbs();
          exchange(clients, back, 100);
        } while (pipe.stats().upstream().redirectedSkbs() < before + 1000);
        before = pipe.stats().upstream().redirectedSkbs();
        for (int round = 0; round < 20; round++) {
          exchange(clients, back, 100 + round);
        }
        assertThat(pipe.stats().live()).isEqualTo(1000);
        assertThat(pipe.stats().spliced()).isEqualTo(1000);
        assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
        assertThat(pipe.stats().upstream().redirectedSkbs()).isGreaterThan(before + 15_000);
      } finally {
        clients.forEach(Messenger::close);
      }
    }
  }
}
