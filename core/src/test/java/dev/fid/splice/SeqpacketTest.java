package dev.fid.splice;

import static dev.fid.splice.Ends.ended;
import static dev.fid.testkit.PacketEnd.message;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import dev.fid.testkit.Patience;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Two UNIX SEQPACKET connections: what is kept, how they push back, and how they end.
@RequiresBpf
class SeqpacketTest {
  private static final SpliceOptions KEEP = SpliceOptions.defaults();
  private static final SpliceOptions END = KEEP.withHalfClose(HalfClose.END);

  @RegisterExtension private final Engine engine = new Engine(true);

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  private PacketEnds open(SpliceOptions options) throws Exception {
    PacketEnds ends = PacketEnds.seqpacket();
    ends.splice(engine.splicer(), options);
    return ends;
  }

  @Test
  void messagesKeepTheirBoundariesAndTheirOrderBothWays() throws Exception {
    try (PacketEnds ends = open(KEEP)) {
      Session session = ends.session();
      assertThat(session.stats().upstream().plan())
          .hasToString("relayed: the kernel takes no UNIX SEQPACKET socket into a sockmap");
      Thread up = ends.sending(ends.near(), 0, 5000);
      Thread down = ends.sending(ends.far(), 10_000, 5000);
      Thread back = ends.expecting(ends.near(), 10_000, 5000);
      for (int i = 0; i < 5000; i++) {
        ends.far().expect(message(i));
      }
      back.join();
      up.join();
      down.join();
      ends.near().endWriting();
      ends.far().expectEnd();
      ends.far().endWriting();
      ends.near().expectEnd();
      SpliceStats stats = ended(session);
      assertThat(stats.outcome()).isEqualTo(new Outcome.Completed());
      assertThat(stats.upstream().relayBytes()).isEqualTo(bytes(0));
      assertThat(stats.downstream().relayBytes()).isEqualTo(bytes(10_000));
      assertThat(stats.upstream().relayedMessages()).isEqualTo(5000);
      assertThat(stats.downstream().relayedMessages()).isEqualTo(5000);
      assertThat(stats.upstream().droppedSkbs() + stats.downstream().droppedSkbs()).isZero();
      ends.expectNoComplaint();
    }
  }

  private static long bytes(long first) {
    return LongStream.range(first, first + 5000).map(number -> message(number).length).sum();
  }

  @Test
  void anEmptyMessageIsNoEndAndAnEndOfOneDirectionLeavesTheOther() throws Exception {
    try (PacketEnds ends = open(KEEP)) {
      byte[] empty = {};
      byte[] text = message(1, 10);
      ends.near().send(empty).send(empty).send(text).send(empty).endWriting();
      for (byte[] each : new byte[][] {empty, empty, text, empty}) {
        ends.far().expect(each);
      }
      ends.far().expectEnd();
      ends.far().send(empty).send(text).send(empty);
      for (byte[] each : new byte[][] {empty, text, empty}) {
        ends.near().expect(each);
      }
      assertThat(ends.session().isLive()).isTrue();
      ends.far().close();
      ends.near().expectEnd();
      assertThat(ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  /// Nothing is dropped, and no more is taken than two send buffers and a message hold.
  @Test
  void aReaderThatStopsHoldsTheSenderBack() throws Exception {
    try (PacketEnds ends = open(KEEP)) {
      int sent = ends.fill(ends.near());
      assertThat(sent * 1000L).isLessThan(1 << 20);
      for (int i = 0; i < sent; i++) {
        ends.far().expect(message(i, 1000));
      }
      ends.near().send(message(sent, 0)).endWriting();
      ends.far().expect(message(sent, 0));
      ends.far().expectEnd();
      assertThat(ends.session().stats().upstream().droppedSkbs()).isZero();
    }
  }

  /// One that waits for room is an empty one, too.
  @Test
  void emptyMessagesAreHeldBackToo() throws Exception {
    try (PacketEnds ends = open(KEEP)) {
      int sent = ends.fill(ends.near(), 0);
      ends.near().endWriting();
      for (int i = 0; i < sent; i++) {
        ends.far().expect(new byte[0]);
      }
      ends.far().expectEnd();
    }
  }

  @Test
  void aMessageThatIsLongerThanASendBufferArrivesWhole() throws Exception {
    try (PacketEnds ends = open(KEEP)) {
      Sockets.setSendBuffer(ends.near().fd(), 8 << 20);
      byte[] longest = message(7, 3 << 20);
      ends.near().send(message(1)).send(longest).send(message(2)).send(longest);
      ends.far().expect(message(1));
      ends.far().expect(longest);
      ends.far().expect(message(2));
      ends.far().expect(longest);
      assertThat(ends.session().stats().upstream().droppedSkbs()).isZero();
    }
  }

  @Test
  void whatAPeerSentBeforeItClosedIsDelivered() throws Exception {
    try (PacketEnds ends = open(KEEP)) {
      int sent = ends.fill(ends.near());
      ends.far().mayBeReset().send(message(1)).send(message(2));
      ends.near().close();
      for (int i = 0; i < sent; i++) {
        ends.far().expect(message(i, 1000));
      }
      ends.far().expectEnd();
      assertThat(ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
      ends.far().expectEnd(); // a reset came behind the end
      assertThat(ends.far().offer(message(3))).isEqualTo(-Errno.EPIPE);
    }
  }

  @Test
  void oneThatHadGoneBeforeIsDeliveredToo() throws Exception {
    try (PacketEnds ends = PacketEnds.seqpacket()) {
      ends.near().send(message(1)).send(message(0)).send(message(2)).close();
      ends.splice(engine.splicer(), KEEP);
      ends.far().expect(message(1));
      ends.far().expect(message(0));
      ends.far().expect(message(2));
      ends.far().expectEnd();
      assertThat(ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  /// What the stream's peer wrote before it closed arrives, though it took nothing more.
  @Test
  void aUnixStreamHasTheirLengthsInFront() throws Exception {
    try (PacketEnds ends = PacketEnds.and(Family.UNIX_STREAM)) {
      ends.splice(engine.splicer(), KEEP.withFraming(Framing.LEN32));
      ends.near().send("hello".getBytes(US_ASCII)).send(new byte[0]);
      SocketPair.expect(ends.far().fd(), "\0\0\0\5hello\0\0\0\0");
      ends.near().send(new byte[1]);
      SocketPair.sendAll(ends.far().fd(), "\0\0\0\2ok\0\0\0\0");
      ends.far().close();
      ends.near().mayBeReset().expect("ok".getBytes(US_ASCII));
      ends.near().expect(new byte[0]);
      ends.near().expectEnd();
      assertThat(ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  /// shutdown(SHUT_RD) on one side fails the sends of the other, and not what it has to say.
  @Test
  void aPeerThatReadsNoMoreIsToldToTheSender() throws Exception {
    try (PacketEnds ends = open(KEEP)) {
      assertThat(Sockets.shutdownRead(ends.far().fd())).isZero();
      Ends.until(() -> ends.near().offer(message(1, 10)) == -Errno.EPIPE);
      ends.far().send(message(2)).send(message(3)).endWriting();
      ends.near().mayBeReset().expect(message(2));
      ends.near().expect(message(3));
      ends.near().expectEnd();
      assertThat(ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  @Test
  void theFirstEndIsTheEndOfBothWhereItIsToBe() throws Exception {
    try (PacketEnds ends = open(END)) {
      int sent = ends.fill(ends.near());
      ends.near().endWriting();
      for (int i = 0; i < sent; i++) {
        ends.far().expect(message(i, 1000));
      }
      ends.far().expectEnd();
      ends.near().expectEnd();
      assertThat(ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  @Test
  void anIdleConnectionIsAborted() throws Exception {
    Duration timeout = Patience.of(Duration.ofSeconds(1));
    try (PacketEnds ends = open(KEEP.withIdleTimeout(timeout))) {
      ends.near().send(message(1)).send(message(0));
      ends.far().expect(message(1));
      ends.far().expect(message(0));
      assertThat(ended(ends.session()).outcome())
          .isEqualTo(new Outcome.Aborted("idle for " + timeout));
      ends.far().expectEnd();
    }
  }
}
