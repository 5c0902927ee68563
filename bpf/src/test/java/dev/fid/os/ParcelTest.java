package dev.fid.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ParcelTest {
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;
  private static final int CONTROL = 256;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment control = arena.allocate(CONTROL, 8);

  private MemorySegment message(String text, long controlLength) {
    MemorySegment header = arena.allocate(56, 8);
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ADDRESS, 0, arena.allocateFrom(text));
    vector.set(JAVA_LONG, 8, text.length());
    header.set(ADDRESS, 16, vector);
    header.set(JAVA_LONG, 24, 1);
    header.set(ADDRESS, 32, control);
    header.set(JAVA_LONG, 40, controlLength);
    return header;
  }

  private void sendDescriptor(int socket, int descriptor) {
    control.set(JAVA_LONG, 0, 20);
    control.set(JAVA_INT, 8, SOL_SOCKET);
    control.set(JAVA_INT, 12, SCM_RIGHTS);
    control.set(JAVA_INT, 16, descriptor);
    assertThat(LibC.sendmsg(socket, message("hello", 24), 0)).isEqualTo(5);
  }

  /// The one value of this type that comes with the next bytes, or -1.
  private int received(int socket, int type) {
    MemorySegment header = message("     ", CONTROL);
    assertThat(LibC.recvmsg(socket, header, 0)).isPositive();
    long length = header.get(JAVA_LONG, 40);
    for (long at = 0; at < length; at += (control.get(JAVA_LONG, at) + 7) & -8L) {
      if (control.get(JAVA_INT, at + 12) == type) {
        return control.get(JAVA_INT, at + 16);
      }
    }
    return -1;
  }

  @Test
  void aDescriptorGoesOnWithItsBytesAndIsClosedHere() throws Exception {
    try (var from = SocketPair.unix();
        var to = SocketPair.unix();
        var pipe = Fds.pipe(4096);
        var parcel = new Parcel(4096)) {
      sendDescriptor(from.client(), pipe.writeEnd());
      assertThat(parcel.receive(from.server())).isEqualTo(5);
      assertThat(parcel.held()).isEqualTo(5);
      assertThat(parcel.send(to.client())).isEqualTo(5);
      assertThat(parcel.held()).isZero();

      int sent = received(to.server(), SCM_RIGHTS);
      assertThat(sent).isNotNegative();
      assertThat(Fds.write(sent, arena.allocateFrom("x"))).isEqualTo(2);
      assertThat(Fds.read(pipe.readEnd(), arena.allocate(8))).isEqualTo(2);
      assertThat(Fds.close(sent)).isZero();
    }
  }

  @Test
  void aDescriptorThatIsNotSentIsClosed() throws Exception {
    try (var from = SocketPair.unix();
        var parcel = new Parcel(4096)) {
      Fds.Pipe pipe = Fds.pipe(4096);
      sendDescriptor(from.client(), pipe.writeEnd());
      Fds.close(pipe.writeEnd());
      assertThat(parcel.receive(from.server())).isEqualTo(5);
      MemorySegment room = arena.allocate(8);
      assertThat(Fds.read(pipe.readEnd(), room)).isEqualTo(-Errno.EAGAIN);
      parcel.drop();
      assertThat(Fds.read(pipe.readEnd(), room)).as("the end: nobody can write").isZero();
      assertThat(parcel.held()).isZero();
      Fds.close(pipe.readEnd());
    }
  }

  @Test
  void credentialsOfTheSenderGoOn() throws Exception {
    try (var from = SocketPair.unix();
        var to = SocketPair.unix();
        var parcel = new Parcel(4096)) {
      Sockets.setPassCredentials(from.server(), true);
      Sockets.setPassCredentials(to.server(), true);
      SocketPair.sendAll(from.client(), "hello");
      assertThat(parcel.receive(from.server())).isEqualTo(5);
      assertThat(parcel.send(to.client())).isEqualTo(5);
      assertThat(received(to.server(), SCM_CREDENTIALS))
          .isEqualTo((int) ProcessHandle.current().pid());
    }
  }
}
