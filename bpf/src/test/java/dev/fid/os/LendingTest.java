package dev.fid.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// The calls by which a socket is borrowed, and put back as it was.
class LendingTest {
  private static final int SOL_SOCKET = 1;
  private static final int SO_LINGER = 13;

  @Test
  void aDuplicateIsTheSameSocket() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      int other = Fds.duplicate(pair.client());
      assertThat(other).isNotEqualTo(pair.client());
      assertThat(Sockets.cookie(other)).isEqualTo(Sockets.cookie(pair.client()));
      assertThat(Fds.setNonBlocking(other, false)).as("was non-blocking").isTrue();
      assertThat(Fds.setNonBlocking(pair.client(), true)).as("through the other").isFalse();
      Fds.close(other);
    }
    assertThatThrownBy(() -> Fds.duplicate(-1)).hasMessageStartingWith("duplicate fd -1: EBADF");
  }

  @Test
  void theSendBufferComesBackAndGrowsAgain() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      Sockets.BufferState before = Sockets.bufferState(pair.client());
      assertThat(before.lock()).isZero();
      Sockets.setSendBuffer(pair.client(), 50_000);
      assertThat(Sockets.bufferState(pair.client())).isEqualTo(new Sockets.BufferState(100_000, 1));
      assertThat(Sockets.restore(pair.client(), before)).isZero();
      assertThat(Sockets.bufferState(pair.client())).isEqualTo(before);
    }
  }

  @Test
  void lingerIsRead() throws Exception {
    try (SocketPair pair = SocketPair.tcp();
        Arena arena = Arena.ofConfined()) {
      assertThat(Sockets.linger(pair.client())).isEqualTo(-1);
      MemorySegment linger = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 77);
      LibC.setsockopt(pair.client(), SOL_SOCKET, SO_LINGER, linger, 8);
      assertThat(Sockets.linger(pair.client())).isEqualTo(77);
      assertThat(Sockets.linger(-1)).isLessThan(-1);
    }
  }

  @Test
  void aListenerIsTold() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      assertThat(Sockets.isListening(pair.listener())).isTrue();
      assertThat(Sockets.isListening(pair.client())).isFalse();
    }
  }

  @Test
  void aPairIsConnected() throws Exception {
    try (Sockets.Pair pair = Sockets.pair();
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(100);
      assertThat(Fds.send(pair.first(), bytes)).isEqualTo(100);
      assertThat(Fds.recv(pair.second(), bytes)).isEqualTo(100);
      assertThat(Fds.recv(pair.second(), bytes)).isEqualTo(-Errno.EAGAIN);
    }
  }
}
