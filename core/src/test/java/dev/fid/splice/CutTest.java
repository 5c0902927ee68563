package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
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
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  private CutEnds open(Family stream, Family datagrams, SpliceOptions options) throws Exception {
    CutEnds ends = CutEnds.of(stream, datagrams);
    ends.splice(engine.splicer(), options);
    return ends;
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
        MemorySegment message = CutEnds.message(arena, framing, i, lengths[i]);
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
      long carried = payload;
      Ends.until(() -> ends.upstream().bytes() == carried); // the relay counts what it has sent
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
        MemorySegment second = CutEnds.message(arena, framing, 1, 5000);
        ends.send(CutEnds.message(arena, framing, 0, 3000));
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
        MemorySegment message = CutEnds.message(arena, framing, i, 8 + i);
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
                  ends.send(CutEnds.message(arena, Framing.LEN32, i, lengths[i]));
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
        ends.send(CutEnds.message(arena, Framing.LEN32, i, lengths[i]));
      }
      ends.receiveMessage(0, 65_507);
      ends.receiveMessage(2, 8);
      ends.receiveMessage(4, 65_507);
      assertThat(ends.upstream().datagramDrops().tooLong()).isEqualTo(2);
      assertThat(ends.upstream().kernelBytes()).isPositive();
    }
  }
}
