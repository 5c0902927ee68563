package dev.fid.os;

import static dev.fid.os.SocketPair.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class TcpHoldTest {
  private static long send(int fd, int bytes) {
    try (Arena arena = Arena.ofConfined()) {
      return Fds.send(fd, arena.allocate(bytes));
    }
  }

  private static long receive(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(4096);
      return await(() -> Fds.recv(fd, buffer), answer -> answer != -Errno.EAGAIN);
    }
  }

  /// The other direction lives meanwhile, and its acknowledgements arrive.
  @Test
  void whatIsSentMeanwhileComesAfterwards() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      TcpHold.hold(pair.server());
      assertThat(send(pair.client(), 1000)).isEqualTo(1000);
      assertThat(send(pair.server(), 500)).isEqualTo(500);
      assertThat(receive(pair.client())).isEqualTo(500);
      await(() -> Sockets.unacknowledged(pair.server()), left -> left == 0);
      assertThat(Sockets.queued(pair.server())).as("received though held").isZero();
      assertThat(TcpHold.isFiltered(pair.server())).isTrue();

      assertThat(TcpHold.release(pair.server())).isZero();
      assertThat(receive(pair.server())).isEqualTo(1000);
      assertThat(TcpHold.isFiltered(pair.server())).isFalse();
      assertThat(TcpHold.release(pair.server())).isEqualTo(-Errno.ENOENT);
    }
  }

  @Test
  void theEndIsHeldBackToo() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      TcpHold.hold(pair.server());
      Sockets.shutdownWrite(pair.client());
      assertThat(send(pair.server(), 500)).isEqualTo(500);
      assertThat(receive(pair.client())).isEqualTo(500);
      assertThat(SocketPair.isHalfClosed(pair.server())).isFalse();
      TcpHold.release(pair.server());
      assertThat(receive(pair.server())).isZero();
    }
  }

  @Test
  void aResetGoesThrough() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      TcpHold.hold(pair.server());
      pair.closeClient(Sockets::reset);
      assertThat(receive(pair.server())).isEqualTo(-Errno.ECONNRESET);
    }
  }

  @Test
  void whatIsNoSocketIsToldSo() {
    assertThatThrownBy(() -> TcpHold.hold(-1))
        .hasMessage("setsockopt(SO_ATTACH_FILTER): EBADF (Bad file descriptor)");
    assertThatThrownBy(() -> TcpHold.isFiltered(-1)).hasMessageContaining("EBADF");
  }
}
