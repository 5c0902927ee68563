package dev.fid.splice;

import static dev.fid.splice.Ends.ended;
import static dev.fid.testkit.PacketEnd.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import dev.fid.testkit.PacketEnd;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// SEQPACKET sockets that are an application's own, and what is refused.
@RequiresBpf
class SeqpacketPartiesTest {
  private static final SpliceOptions KEEP = SpliceOptions.defaults();

  @RegisterExtension private final Engine engine = new Engine(true);

  @Test
  void aDescriptorIsKnownByItsTypeAndComesBackAsItWas() throws Exception {
    try (PacketEnds ends = PacketEnds.seqpacket()) {
      Sockets.BufferState before = Sockets.bufferState(ends.farFd());
      Session session = ends.lend(engine.splicer(), KEEP);
      Sockets.setSendBuffer(ends.near().fd(), 4 << 20);
      byte[] longest = message(1, 2 << 20);
      ends.near().send(longest).send(new byte[0]);
      ends.far().expect(longest);
      ends.far().expect(new byte[0]);
      ends.far().send(message(2)).send(new byte[0]);
      ends.near().expect(message(2));
      ends.near().expect(new byte[0]);

      Unspliced undone = session.unsplice().toCompletableFuture().join();

      assertThat(undone.fromFirst()).isEmpty();
      assertThat(undone.fromSecond()).isEmpty();
      assertThat(Sockets.bufferState(ends.farFd())).isEqualTo(before);
      ends.near().send(message(4));
      try (PacketEnd a = new PacketEnd(Fds.duplicate(ends.nearFd()))) {
        a.expect(message(4));
      }
    }
  }

  /// A message that the target had no room for comes back, and the others stay in their socket.
  @Test
  void whatWasNotGivenComesBackInOrder() throws Exception {
    try (PacketEnds ends = PacketEnds.seqpacket()) {
      Session session = ends.lend(engine.splicer(), KEEP);
      int sent = PacketEnds.fill(session, ends.near(), 1000);

      Unspliced undone = session.unsplice().toCompletableFuture().join();

      int given = 0;
      int back = undone.fromFirst().size();
      assertThat(back).isEqualTo(1);
      try (PacketEnd a = new PacketEnd(Fds.duplicate(ends.nearFd()))) {
        ends.near().endWriting();
        given = (int) session.stats().upstream().relayBytes() / 1000;
        for (int i = 0; i < given; i++) {
          ends.far().expect(message(i, 1000));
        }
        assertThat(undone.fromFirst().getFirst()).isEqualTo(ByteBuffer.wrap(message(given, 1000)));
        for (int i = given + 1; i < sent; i++) {
          a.expect(message(i, 1000));
        }
        a.expectEnd();
      }
    }
  }

  @Test
  void whatWasReadBeforeGoesFirstEachPieceAMessage() throws Exception {
    try (PacketEnds ends = PacketEnds.seqpacket()) {
      ends.near().send(message(3, 30)).endWriting();
      List<ByteBuffer> head =
          List.of(ByteBuffer.wrap(message(1, 10)), ByteBuffer.wrap(message(2, 2 << 20)));
      SpliceHandle splice =
          engine
              .splicer()
              .splice(
                  Party.descriptor(ends.nearFd(), head, _ -> {}),
                  Party.descriptor(ends.farFd()),
                  KEEP)
              .toCompletableFuture()
              .join();
      ends.far().expect(message(1, 10));
      ends.far().expect(message(2, 2 << 20));
      ends.far().expect(message(3, 30));
      ends.far().expectEnd();
      ends.far().endWriting();
      ends.near().expectEnd();
      assertThat(ended(splice).outcome()).isEqualTo(new Outcome.Completed());
    }
  }

  @Test
  void whereNothingIsToBeRelayedItIsRefusedAndStaysTheApplications() throws Exception {
    try (PacketEnds ends = PacketEnds.seqpacket()) {
      SpliceOptions refuse = KEEP.withOnUnsupported(OnUnsupported.REFUSE);
      assertThatThrownBy(() -> ends.lend(engine.splicer(), refuse))
          .hasMessageContaining("takes no UNIX SEQPACKET socket into a sockmap")
          .hasMessageContaining("on_unsupported is refuse");
      ends.near().send(message(1));
      try (PacketEnd a = new PacketEnd(Fds.duplicate(ends.nearFd()))) {
        a.expect(message(1));
      }
    }
  }

  @Test
  void aStreamAndMessagesNeedAFraming() throws Exception {
    try (PacketEnds ends = PacketEnds.and(Family.TCP)) {
      assertThatThrownBy(() -> ends.lend(engine.splicer(), KEEP))
          .hasMessageContaining("unix+seqpacket and tcp are a stream and messages")
          .hasMessageContaining("SpliceOptions.withFraming");
    }
  }

  /// Taken for a stream, its messages would run together.
  @Test
  void anEndpointThatNamesAnotherFamilyIsRefused() throws Exception {
    try (SocketPair pair = SocketPair.seqpacket();
        SocketPair other = SocketPair.unix()) {
      Endpoint wrong = new Endpoint(Family.UNIX_STREAM, pair.takeServer());
      Endpoint right = new Endpoint(Family.UNIX_STREAM, other.takeServer());
      assertThatThrownBy(() -> engine.splicer().splice(right, wrong, KEEP))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is given as UNIX_STREAM, and is a socket of type 5");
      try (Arena arena = Arena.ofConfined()) {
        assertThat(Fds.recv(other.client(), arena.allocate(1))).as("both are closed").isZero();
      }
    }
  }

  @Test
  void descriptorsAndCredentialsAreCarriedBetweenTwoAlone() throws Exception {
    SpliceOptions carry = KEEP.withAncillary(Ancillary.RELAY);
    try (PacketEnds ends = PacketEnds.and(Family.UNIX_STREAM)) {
      assertThatThrownBy(() -> ends.lend(engine.splicer(), carry.withFraming(Framing.LEN32)))
          .hasMessageContaining("two UNIX SEQPACKET sockets alone");
    }
    try (PacketEnds ends = PacketEnds.seqpacket();
        SocketPair passed = SocketPair.unix()) {
      ends.splice(engine.splicer(), carry);
      byte[] empty = {};
      ends.near().send(message(1), passed.server()).send(empty, passed.server()).send(empty);
      Fds.close(passed.takeServer());
      ends.near().send(message(2)).endWriting();
      Fds.close(ends.far().expectDescriptor(message(1)));
      int last = ends.far().expectDescriptor(empty);
      ends.far().expect(empty);
      ends.far().expect(message(2));
      ends.far().expectEnd();
      SocketPair.sendAll(last, "through it");
      SocketPair.expect(passed.client(), "through it");
      Fds.close(last);
      assertThat(SocketPair.received(passed.client())).as("nobody else has it").isZero();
      assertThat(ends.near().offer(empty)).isEqualTo(-Errno.EPIPE);
      ends.far().endWriting();
      assertThat(ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
      assertThat(ends.session().stats().upstream().plan().toString()).startsWith("relayed: ");
    }
  }
}
