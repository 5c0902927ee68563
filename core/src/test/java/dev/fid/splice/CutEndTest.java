package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How streams that the kernel cuts into datagrams are held back, and how they end.
@RequiresBpf
@InNewNetwork
class CutEndTest {
  @RegisterExtension private final Engine engine = new Engine(true);

  private static SpliceOptions framed(Framing framing) {
    return SpliceOptions.defaults().withFraming(framing);
  }

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  private CutEnds open(Family stream, Family datagrams, SpliceOptions options) throws Exception {
    CutEnds ends = CutEnds.of(stream, datagrams);
    ends.splice(engine.splicer(), options);
    return ends;
  }

  /// Nobody reads: the sender is stopped, and then everything comes.
  @ParameterizedTest
  @CsvSource({"TCP, NONE", "TCP, LEN16", "TCP, LEN32", "UNIX_STREAM, NONE"})
  void aReaderThatStopsHoldsTheSenderBack(Family stream, Framing framing) throws Exception {
    int length = 1000;
    try (CutEnds ends = open(stream, Family.UNIX_DATAGRAM, framed(framing))) {
      AtomicLong sent = new AtomicLong();
      AtomicBoolean enough = new AtomicBoolean();
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                while (!enough.get()) {
                  try (Arena arena = Arena.ofConfined()) {
                    ends.send(
                        framing == Framing.NONE
                            ? CutEnds.bytes(arena, sent.get() * length, length)
                            : CutEnds.message(arena, framing, sent.get(), length));
                  }
                  sent.incrementAndGet();
                }
              });
      long before;
      do {
        before = sent.get();
        Thread.sleep(1000);
        assertThat(sent.get() * length).isLessThan(64 << 20);
      } while (sent.get() != before);
      enough.set(true);
      // What was sent before it was stopped lets it finish the one that it is at.
      if (framing == Framing.NONE) {
        ends.receiveAtLeast(before * length);
        sender.join();
        ends.receiveBytes(sent.get() * length - ends.received());
      } else {
        receiveMessages(ends, 0, before, length);
        sender.join();
        receiveMessages(ends, before, sent.get(), length);
      }
      assertThat(ends.upstream().droppedSkbs()).isZero();
      assertThat(ends.upstream().kernelBytes()).isGreaterThan(before * length / 2);
    }
  }

  private static void receiveMessages(CutEnds ends, long from, long to, int length) {
    for (long i = from; i < to; i++) {
      ends.receiveMessage(i, length);
    }
  }

  /// The end of the stream, in the middle of a message or not, ends the session when all is there.
  @ParameterizedTest
  @CsvSource({
    "TCP, NONE, false",
    "TCP, LEN16, false",
    "TCP, LEN16, true",
    "TCP, LEN32, true",
    "UNIX_STREAM, NONE, false"
  })
  void theEndComesBehindTheLastMessage(Family stream, Framing framing, boolean torn)
      throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends =
            open(stream, Family.UNIX_DATAGRAM, framed(framing).withHalfClose(HalfClose.END))) {
      long sent = 0;
      for (int i = 0; i < 300; i++) {
        MemorySegment message =
            framing == Framing.NONE
                ? CutEnds.bytes(arena, sent, 3000)
                : CutEnds.message(arena, framing, i, 3000);
        ends.send(message);
        sent += message.byteSize();
      }
      if (torn) {
        ends.send(CutEnds.message(arena, framing, 300, 3000).asSlice(0, 1000));
      }
      assertThat(Sockets.shutdownWrite(ends.stream())).isZero();
      if (framing == Framing.NONE) {
        ends.receiveBytes(sent);
      } else {
        for (int i = 0; i < 300; i++) {
          ends.receiveMessage(i, 3000);
        }
      }
      assertThat(Ends.ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
      assertThat(Fds.recv(ends.receiver(), arena.allocate(1))).isEqualTo(-Errno.EAGAIN);
    }
  }

  @Test
  void aResetAbortsTheSession() throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = open(Family.TCP, Family.UNIX_DATAGRAM, framed(Framing.LEN16))) {
      ends.send(CutEnds.message(arena, Framing.LEN16, 0, 3000));
      ends.receiveMessage(0, 3000);
      ends.send(CutEnds.message(arena, Framing.LEN16, 1, 3000).asSlice(0, 1000));
      ends.pair().closeClient(Sockets::reset);
      assertThat(Ends.ended(ends.session()).outcome()).isInstanceOf(Outcome.Aborted.class);
    }
  }

  /// The parser stops and comes back many times, while the other direction uses the same socket.
  @ParameterizedTest
  @CsvSource({"NONE, 8", "LEN16, 8", "LEN16, 1"})
  void bothDirectionsAtOnceWithAReaderThatPauses(Framing framing, int backlog) throws Exception {
    int count = 20_000;
    SpliceOptions options = framed(framing).withBacklog(backlog);
    try (CutEnds ends = open(Family.TCP, Family.UNIX_DATAGRAM, options)) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                Random lengths = new Random(7);
                try {
                  long offset = 0;
                  for (int i = 0; i < count; i++) {
                    int length = 8 + lengths.nextInt(2000);
                    try (Arena one = Arena.ofConfined()) {
                      ends.send(
                          framing == Framing.NONE
                              ? CutEnds.bytes(one, offset, length)
                              : CutEnds.message(one, framing, i, length));
                    }
                    offset += length;
                  }
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      Thread answers =
          Thread.ofPlatform()
              .start(() -> {
                try (Arena own = Arena.ofConfined()) {
                  MemorySegment answer = own.allocate(100);
                  MemorySegment in = own.allocate(1 << 16);
                  while (sender.isAlive()) {
                    Fds.send(ends.receiver(), answer);
                    while (Fds.recv(ends.stream(), in) > 0) {}
                  }
                }
              });
      Random lengths = new Random(7);
      long total = 0;
      for (int i = 0; i < count; i++) {
        int length = 8 + lengths.nextInt(2000);
        total += length;
        if (framing == Framing.LEN16) {
          ends.receiveMessage(i, length);
        }
        if (i % 2000 == 0) {
          Thread.sleep(20);
        }
      }
      if (framing == Framing.NONE) {
        ends.receiveBytes(total);
      }
      sender.join();
      answers.join();
      assertThat(failure.get()).isNull();
      assertThat(ends.upstream().droppedSkbs()).isZero();
      long all = total;
      Ends.until(() -> ends.upstream().bytes() == all); // the relay counts what it has sent
      assertThat(ends.upstream().kernelBytes()).isPositive();
      assertThat(ends.session().stats().downstream().kernelBytes()).isPositive();
    }
  }

  /// UDP says that nobody is there; the session lives, and goes on when somebody is.
  @ParameterizedTest
  @CsvSource({"TCP, LEN16", "TCP, NONE", "UNIX_STREAM, NONE"})
  void nobodyReceivesForAWhile(Family stream, Framing framing) throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = open(stream, Family.UDP, framed(framing))) {
      MemorySegment first =
          framing == Framing.NONE
              ? CutEnds.bytes(arena, 0, 1000)
              : CutEnds.message(arena, framing, 0, 1000);
      ends.send(first);
      assertThat(ends.receive().byteSize()).isEqualTo(1000);
      ends.leave();
      SocketPair.await(
          () -> {
            ends.send(first);
            return ends.upstream().datagramDrops().unreachable();
          },
          unreachable -> unreachable > 1);
      ends.comeBack();
      long kernelBytes = ends.upstream().kernelBytes();
      SocketPair.await(
          () -> {
            ends.send(first);
            ends.drain();
            return ends.upstream().kernelBytes();
          },
          now -> now > kernelBytes + 10_000);
      assertThat(ends.session().isLive()).isTrue();
    }
  }
}
