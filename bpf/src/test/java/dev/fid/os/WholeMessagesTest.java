package dev.fid.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages of UNIX SEQPACKET sockets: whole, empty, and the end.
class WholeMessagesTest {
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment empty = arena.allocate(0);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEmptyMessageIsNotTheEnd(boolean asked) throws Exception {
    try (var pair = SocketPair.seqpacket();
        var datagram = new Datagram(16)) {
      Sockets.setPassCredentials(pair.server(), asked);
      assertThat(datagram.receiveWhole(pair.server())).isEqualTo(-Errno.EAGAIN);
      Fds.send(pair.client(), empty);
      SocketPair.sendAll(pair.client(), "x");
      Fds.send(pair.client(), empty);
      Fds.send(pair.client(), empty);
      assertThat(datagram.receiveWhole(pair.server())).isZero();
      assertThat(datagram.receiveWhole(pair.server())).isEqualTo(1);
      assertThat(datagram.receiveWhole(pair.server())).isZero();
      Sockets.shutdownWrite(pair.client());
      assertThat(datagram.receiveWhole(pair.server())).as("before the end").isZero();
      assertThat(datagram.receiveWhole(pair.server())).isEqualTo(Datagram.END);
      assertThat(datagram.receiveWhole(pair.server())).isEqualTo(Datagram.END);
      assertThat(Sockets.passesCredentials(pair.server())).isEqualTo(asked ? 1 : 0);
    }
  }

  @Test
  void aLongMessageIsNotCut() throws Exception {
    try (var pair = SocketPair.seqpacket();
        var datagram = new Datagram(16)) {
      MemorySegment room = datagram.room();
      byte[] message = new byte[100_000];
      message[99_999] = 7;
      assertThat(Fds.send(pair.client(), arena.allocateFrom(JAVA_BYTE, message)))
          .isEqualTo(message.length);
      assertThat(datagram.receiveWhole(pair.server())).isEqualTo(message.length);
      assertThat(datagram.payload().toArray(JAVA_BYTE)).isEqualTo(message);
      assertThat(datagram.withLength(4).get(JAVA_BYTE, 100_003)).isEqualTo((byte) 7);
      room.fill((byte) 1); // who had it before still may
    }
  }

  @Test
  void aPeerThatClosedWithMessagesUnreadIsAnErrorAndThenWhatItSent() throws Exception {
    try (var pair = SocketPair.seqpacket();
        var datagram = new Datagram(16)) {
      SocketPair.sendAll(pair.client(), "last");
      SocketPair.sendAll(pair.server(), "unread");
      pair.closeClient(Fds::close);
      assertThat(datagram.receiveWhole(pair.server())).isEqualTo(-Errno.ECONNRESET);
      assertThat(datagram.receiveWhole(pair.server())).isEqualTo(4);
      assertThat(datagram.receiveWhole(pair.server())).isEqualTo(Datagram.END);
    }
  }

  /// A pipe's end goes with a message, which is empty or longer than the parcel.
  @ParameterizedTest
  @ValueSource(ints = {0, 5, 50_000})
  void aDescriptorGoesOnWithItsMessage(int length) throws Exception {
    try (var from = SocketPair.seqpacket();
        var to = SocketPair.seqpacket();
        var parcel = new Parcel(16)) {
      Sockets.setPassCredentials(from.server(), true);
      Fds.Pipe pipe = Fds.pipe(4096);
      sendDescriptor(from.client(), length, pipe.writeEnd());
      Fds.close(pipe.writeEnd());
      Sockets.shutdownWrite(from.client());

      assertThat(parcel.receiveWhole(from.server())).isEqualTo(length);
      assertThat(parcel.send(to.client())).isEqualTo(length);
      assertThat(parcel.receiveWhole(from.server())).isEqualTo(Datagram.END);

      int sent = receiveDescriptor(to.server(), length);
      assertThat(Fds.write(sent, arena.allocate(1))).isEqualTo(1);
      Fds.close(sent);
      assertThat(Fds.read(pipe.readEnd(), arena.allocate(8))).isEqualTo(1);
      assertThat(Fds.read(pipe.readEnd(), arena.allocate(8))).as("nobody else has it").isZero();
      Fds.close(pipe.readEnd());
    }
  }

  private void sendDescriptor(int socket, int length, int descriptor) {
    MemorySegment header = header(length);
    MemorySegment control = header.get(ADDRESS, 32).reinterpret(24);
    control.set(JAVA_LONG, 0, 20);
    control.set(JAVA_INT, 8, SOL_SOCKET);
    control.set(JAVA_INT, 12, SCM_RIGHTS);
    control.set(JAVA_INT, 16, descriptor);
    assertThat(LibC.sendmsg(socket, header, 0)).isEqualTo(length);
  }

  private int receiveDescriptor(int socket, int length) {
    MemorySegment header = header(length);
    assertThat(LibC.recvmsg(socket, header, 0)).isEqualTo(length);
    MemorySegment control = header.get(ADDRESS, 32).reinterpret(24);
    assertThat(control.get(JAVA_INT, 12)).isEqualTo(SCM_RIGHTS);
    return control.get(JAVA_INT, 16);
  }

  /// A `struct msghdr` with room for a message of this length and one descriptor.
  private MemorySegment header(int length) {
    MemorySegment header = arena.allocate(56, 8);
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ADDRESS, 0, arena.allocate(length));
    vector.set(JAVA_LONG, 8, length);
    header.set(ADDRESS, 16, vector);
    header.set(JAVA_LONG, 24, 1);
    header.set(ADDRESS, 32, arena.allocate(24, 8));
    header.set(JAVA_LONG, 40, 24);
    return header;
  }
}
