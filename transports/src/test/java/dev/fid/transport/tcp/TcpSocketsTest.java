package dev.fid.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.transport.Rig;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TcpSocketsTest {
  @RegisterExtension static final Rig rig = new Rig();

  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private final TcpSockets sockets = new TcpSockets();

  @Test
  void aSocketConnectedToItselfIsKnown() throws Exception {
    int fd = sockets.open(SocketName.inet(LOOPBACK, 0));
    try {
      Sockets.bind(fd, SocketName.inet(LOOPBACK, 0));
      SocketName name = Sockets.localName(fd);
      assertThat(Sockets.connect(fd, name)).isLessThanOrEqualTo(0);

      assertThat(Sockets.peerName(fd)).isEqualTo(name);
      assertThat(sockets.isItself(fd, name)).isTrue();
    } finally {
      Sockets.reset(fd);
    }
  }

  @Test
  void aSocketConnectedToAnotherIsNotItself() throws Exception {
    int listener = sockets.listen(SocketName.inet(LOOPBACK, 0), 1);
    SocketName name = Sockets.localName(listener);
    int fd = sockets.open(name);
    Sockets.connect(fd, name);
    try {
      assertThat(sockets.isItself(fd, name)).isFalse();
    } finally {
      Fds.close(fd);
      Fds.close(listener);
    }
  }

  @Test
  void theKernelsRangeHoldsThePortsThatItPicks() throws Exception {
    int fd = sockets.open(SocketName.inet(LOOPBACK, 0));
    Sockets.bind(fd, SocketName.inet(LOOPBACK, 0));
    int picked = Sockets.localName(fd).port();
    Fds.close(fd);

    LocalPorts ports = LocalPorts.read();

    assertThat(ports.contains(picked)).isTrue();
    assertThat(ports).isNotEqualTo(new LocalPorts(0, 65535));
  }

  @Test
  void readsTheRangeOfLocalPorts() {
    LocalPorts ports = LocalPorts.parse("32768\t60999\n");

    assertThat(ports).isEqualTo(new LocalPorts(32768, 60999));
    assertThat(ports.contains(32768)).isTrue();
    assertThat(ports.contains(60999)).isTrue();
    assertThat(ports.contains(61000)).isFalse();
    assertThat(ports.contains(443)).isFalse();
    assertThatThrownBy(() -> LocalPorts.parse("many")).isInstanceOf(NumberFormatException.class);
  }
}
