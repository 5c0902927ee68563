package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import dev.fid.testkit.Messenger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Streams that the kernel cuts into datagrams.
@RequiresBpf
@InNewNetwork
class CutTest {
  @RegisterExtension private final Engine engine = new Engine(true);
  private final Random random = new Random(1);

  private static SpliceOptions framed(Framing framing) {
    return SpliceOptions.defaults().withFraming(framing);
  }

  @MustBeClosed
  private CutEnds open(Family stream, Family datagrams, SpliceOptions options) throws Exception {
    CutEnds ends = CutEnds.of(stream, datagrams);
    ends.splice(engine.splicer(), options);
    return ends;
  }

  /// A message with its length in front.
  private static MemorySegment framed(Arena arena, Framing framing, long number, int length) {
    MemorySegment framed = arena.allocate(framing.header() + Math.max(length, Long.BYTES));
    if (framing == Framing.LEN16) {
      framed.set(JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0, (short) length);
    } else {
      framed.set(JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0, length);
    }
    if (length >= Long.BYTES) {
      Messenger.message(framed.asSlice(framing.header()), number, length);
    }
    return framed.asSlice(0, framing.header() + length);
  }

  @ParameterizedTest
  @CsvSource({"TCP, UDP", "TCP, UNIX_DATAGRAM", "UNIX_STREAM, UDP", "UNIX_STREAM, UNIX_DATAGRAM"})
  void whatOneSendGivesIsOneDatagram(Family stream, Family datagrams) throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = open(stream, datagrams, framed(Framing.NONE))) {
      long offset = 0;
      for (int i = 0; i < 200; i++) {
        int size = 1 + random.nextInt(i % 10 == 0 ? 30_000 : 2000);
        ends.send(CutEnds.bytes(arena, offset, size));
        assertThat(ends.receiveBytes()).isEqualTo(size);
        offset += size;
        ends.answer(arena, "answer " + i, "answer " + i);
      }
      assertThat(ends.upstream().kernelBytes()).isGreaterThan(offset / 2);
      assertThat(ends.upstream().droppedSkbs()).isZero();
      if (stream == Family.TCP) {
        assertThat(ends.upstream().kernelBytes()).isEqualTo(offset);
        assertThat(ends.session().stats().downstream().kernelBytes()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"TCP, UDP", "TCP, UNIX_DATAGRAM", "UNIX_STREAM, UDP", "UNIX_STREAM, UNIX_DATAGRAM"})
  void aBulkIsCutAndNoByteIsLost(Family stream, Family datagrams) throws Exception {
    long size = 16 << 20;
    try (Arena arena = Arena.ofShared();
        CutEnds ends = open(stream, datagrams, framed(Framing.NONE))) {
      MemorySegment bytes = CutEnds.bytes(arena, 0, size);
      Thread sender = Thread.ofPlatform().start(() -> ends.send(bytes));
      int longest = ends.receiveBytes(size);
      sender.join();
      assertThat(longest).isLessThanOrEqualTo(datagrams == Family.UDP ? 65_507 : 1 << 20);
      assertThat(ends.upstream().kernelBytes()).isPositive();
      assertThat(ends.upstream().droppedSkbs()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"LEN16, UDP", "LEN16, UNIX_DATAGRAM", "LEN32, UDP", "LEN32, UNIX_DATAGRAM"})
  void messagesOfAnyLengthInAnyPieces(Framing framing, Family datagrams) throws Exception {
    int count = 2000;
    int[] lengths = random.ints(count, 8, 3000).toArray();
    for (int i = 0; i < count; i += 50) {
      lengths[i] = 8 + random.nextInt(65_000);
    }
    try (Arena arena = Arena.ofShared();
        CutEnds ends = open(Family.TCP, datagrams, framed(framing))) {
      Sockets.setNoDelay(ends.stream(), true);
      MemorySegment all = arena.allocate(count * 10L * 3000);
      long size = 0;
      long payload = 0;
      for (int i = 0; i < count; i++) {
        MemorySegment message = framed(arena, framing, i, lengths[i]);
        all.asSlice(size, message.byteSize()).copyFrom(message);
        size += message.byteSize();
        payload += lengths[i];
      }
      MemorySegment stream = all.asSlice(0, size);
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                long at = 0;
                while (at < stream.byteSize()) {
                  long piece =
                      Math.min(
                          stream.byteSize() - at,
                          1 + random.nextInt(random.nextInt(4) == 0 ? 200_000 : 2000));
                  ends.send(stream.asSlice(at, piece));
                  at += piece;
                }
              });
      for (int i = 0; i < count; i++) {
        ends.receiveMessage(i, lengths[i]);
      }
      sender.join();
      ends.answer(arena, "abc", framing == Framing.LEN16 ? "\0\3abc" : "\0\0\0\3abc");
      assertThat(ends.upstream().bytes()).isEqualTo(payload);
      assertThat(ends.upstream().kernelBytes()).isPositive();
      assertThat(ends.upstream().droppedSkbs()).isZero();
    }
  }

  /// In the receive queue when the session begins, in part.
  @ParameterizedTest
  @CsvSource({"TCP, NONE", "TCP, LEN16", "UNIX_STREAM, NONE"})
  void whatWasQueuedBeforeComesFirst(Family stream, Framing framing) throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = CutEnds.of(stream, Family.UDP)) {
      if (framing == Framing.NONE) {
        ends.send(CutEnds.bytes(arena, 0, 100_000));
        ends.splice(engine.splicer(), framed(framing));
        ends.send(CutEnds.bytes(arena, 100_000, 100_000));
        ends.receiveBytes(200_000);
      } else {
        MemorySegment second = framed(arena, framing, 1, 5000);
        ends.send(framed(arena, framing, 0, 3000));
        ends.send(second.asSlice(0, 1));
        ends.splice(engine.splicer(), framed(framing));
        ends.receiveMessage(0, 3000);
        ends.send(second.asSlice(1));
        ends.receiveMessage(1, 5000);
        assertThat(ends.upstream().relayBytes()).isZero();
      }
    }
  }

  /// The parser waits for what is missing, wherever that is.
  @ParameterizedTest
  @CsvSource({"LEN16", "LEN32"})
  void aByteAtATime(Framing framing) throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = open(Family.TCP, Family.UNIX_DATAGRAM, framed(framing))) {
      Sockets.setNoDelay(ends.stream(), true);
      for (int i = 0; i < 20; i++) {
        MemorySegment message = framed(arena, framing, i, 8 + i);
        for (long at = 0; at < message.byteSize(); at++) {
          ends.send(message.asSlice(at, 1));
        }
      }
      for (int i = 0; i < 20; i++) {
        ends.receiveMessage(i, 8 + i);
      }
      assertThat(ends.upstream().redirectedSkbs()).isEqualTo(20);
    }
  }

  /// No redirect carries an empty datagram, and no parser waits for a message that is longer than a
  /// receive buffer: these go by user space, in their place.
  @Test
  void messagesThatAreNotForTheKernelAreRelayedInOrder() throws Exception {
    int[] lengths = {100, 0, 200, 70_000, 8, 1_000_000, 0, 0, 65_536, 65_537, 9, 500_000, 10};
    try (Arena arena = Arena.ofShared();
        CutEnds ends = open(Family.TCP, Family.UNIX_DATAGRAM, framed(Framing.LEN32))) {
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < lengths.length; i++) {
                  ends.send(framed(arena, Framing.LEN32, i, lengths[i]));
                }
              });
      for (int i = 0; i < lengths.length; i++) {
        ends.receiveMessage(i, lengths[i]);
      }
      sender.join();
      assertThat(ends.upstream().droppedSkbs()).isZero();
      assertThat(ends.upstream().kernelBytes()).isPositive();
      assertThat(ends.upstream().relayBytes())
          .isGreaterThanOrEqualTo(70_000 + 1_000_000 + 65_537 + 500_000);
    }
  }

  @Test
  void aMessageThatIsTooLongIsDroppedAndCounted() throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = open(Family.TCP, Family.UDP, framed(Framing.LEN32))) {
      int[] lengths = {65_507, 65_508, 8, 3_000_000, 65_507};
      for (int i = 0; i < lengths.length; i++) {
        ends.send(framed(arena, Framing.LEN32, i, lengths[i]));
      }
      ends.receiveMessage(0, 65_507);
      ends.receiveMessage(2, 8);
      ends.receiveMessage(4, 65_507);
      assertThat(ends.upstream().datagramDrops().tooLong()).isEqualTo(2);
      assertThat(ends.upstream().kernelBytes()).isPositive();
    }
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
                            : framed(arena, framing, sent.get(), length));
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
      if (framing == Framing.NONE) {
        ends.receiveBytes((before + 1) * length); // the last one has begun
      } else {
        for (int i = 0; i <= before; i++) {
          ends.receiveMessage(i, length);
        }
      }
      sender.join();
      assertThat(ends.upstream().droppedSkbs()).isZero();
      assertThat(ends.upstream().kernelBytes()).isGreaterThan(before * length / 2);
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
                : framed(arena, framing, i, 3000);
        ends.send(message);
        sent += message.byteSize();
      }
      if (torn) {
        ends.send(framed(arena, framing, 300, 3000).asSlice(0, 1000));
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
      ends.send(framed(arena, Framing.LEN16, 0, 3000));
      ends.receiveMessage(0, 3000);
      ends.send(framed(arena, Framing.LEN16, 1, 3000).asSlice(0, 1000));
      ends.pair().closeClient(Sockets::reset);
      assertThat(Ends.ended(ends.session()).outcome()).isInstanceOf(Outcome.Aborted.class);
    }
  }

  /// The parser stops and comes back many times, while the other direction uses the same socket.
  @ParameterizedTest
  @CsvSource({"NONE", "LEN16"})
  void bothDirectionsAtOnceWithAReaderThatPauses(Framing framing) throws Exception {
    int count = 20_000;
    try (CutEnds ends = open(Family.TCP, Family.UNIX_DATAGRAM, framed(framing).withBacklog(8))) {
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
                              : framed(one, framing, i, length));
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
      assertThat(ends.upstream().bytes()).isEqualTo(total);
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
          framing == Framing.NONE ? CutEnds.bytes(arena, 0, 1000) : framed(arena, framing, 0, 1000);
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
