package dev.fid.os;

import static dev.fid.os.Sockets.AF_INET;
import static dev.fid.os.Sockets.SOCK_DGRAM;
import static dev.fid.os.Sockets.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fid.bpf.ffi.Capability;
import dev.fid.bpf.ffi.LibC;
import dev.fid.bpf.testing.RequiresCapability;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SocketOptionsTest {
  private int fd;

  @BeforeEach
  void open() throws Exception {
    fd = Sockets.socket(AF_INET, SOCK_STREAM);
  }

  @AfterEach
  void close() {
    Fds.close(fd);
  }

  @Test
  void aCookieIsTheSocketsOwn() throws Exception {
    int other = Sockets.socket(AF_INET, SOCK_DGRAM);
    assertThat(Sockets.cookie(fd)).isPositive().isEqualTo(Sockets.cookie(fd));
    assertThat(Sockets.cookie(other)).isNotEqualTo(Sockets.cookie(fd));
    Fds.close(other);
    assertThatExceptionOfType(OsException.class)
        .isThrownBy(() -> Sockets.cookie(-1))
        .withMessageStartingWith("getsockopt(SO_COOKIE): EBADF");
  }

  @Test
  @RequiresCapability(Capability.NET_ADMIN)
  void aSendBufferIsForcedPastTheLimit() throws Exception {
    int limit = Sysctl.read("net/core/wmem_max");
    assertThat(Sockets.setSendBuffer(fd, 8 * limit))
        .isEqualTo(new Sockets.SendBuffer(8 * limit, true));
  }

  @Test
  void withoutNetAdminASendBufferStopsAtTheLimit() throws Exception {
    int limit = Sysctl.read("net/core/wmem_max");
    Sockets.SendBuffer got =
        Capability.NET_ADMIN.without(() -> Sockets.setSendBuffer(fd, 8 * limit));
    assertThat(got).isEqualTo(new Sockets.SendBuffer(limit, false));
  }

  @Test
  void aReceiveBufferIsDoubledByTheKernel() throws Exception {
    Sockets.setReceiveBuffer(fd, 50_000);
    assertThat(option(1, 8)).isEqualTo(100_000);
  }

  @Test
  void switchesGoOnAndOff() throws Exception {
    for (boolean on : new boolean[] {true, false}) {
      Sockets.setNoDelay(fd, on);
      Sockets.setKeepAlive(fd, on);
      Sockets.setReuseAddress(fd, on);
      assertThat(option(6, 1)).as("TCP_NODELAY").isEqualTo(on ? 1 : 0);
      assertThat(option(1, 9)).as("SO_KEEPALIVE").isEqualTo(on ? 1 : 0);
      assertThat(option(1, 2)).as("SO_REUSEADDR").isEqualTo(on ? 1 : 0);
    }
  }

  @Test
  void theReceiveLowWaterMarkIsSet() {
    assertThat(Sockets.setReceiveLowWater(fd, 4000)).isZero();
    assertThat(option(1, 18)).isEqualTo(4000);
    assertThat(Sockets.setReceiveLowWater(-1, 1)).isEqualTo(-Errno.EBADF);
  }

  @Test
  void anOptionThatASocketLacksIsSaid() throws Exception {
    int unix = Sockets.socket(Sockets.AF_UNIX, SOCK_STREAM);
    assertThatExceptionOfType(OsException.class)
        .isThrownBy(() -> Sockets.setNoDelay(unix, true))
        .withMessageStartingWith("setsockopt(TCP_NODELAY): EOPNOTSUPP");
    Fds.close(unix);
  }

  private int option(int level, int option) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(4, 4);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
      assertThat(LibC.getsockopt(fd, level, option, value, length)).isZero();
      return value.get(ValueLayout.JAVA_INT, 0);
    }
  }
}
