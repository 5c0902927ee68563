package dev.fid.os;

import static dev.fid.os.SocketPair.await;
import static dev.fid.os.SocketPair.expect;
import static dev.fid.os.SocketPair.received;
import static dev.fid.os.SocketPair.sendAll;
import static dev.fid.os.Sockets.AF_INET;
import static dev.fid.os.Sockets.AF_INET6;
import static dev.fid.os.Sockets.AF_UNIX;
import static dev.fid.os.Sockets.SOCK_DGRAM;
import static dev.fid.os.Sockets.SOCK_SEQPACKET;
import static dev.fid.os.Sockets.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SocketsTest {
  private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 20);

  @Test
  void tcpCarriesBytesBothWays() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      carriesBothWays(pair);
    }
  }

  @Test
  void tcpOverIpv6CarriesBytesBothWays() throws Exception {
    try (SocketPair pair = SocketPair.tcp6()) {
      carriesBothWays(pair);
    }
  }

  @Test
  void unixCarriesBytesBothWays() throws Exception {
    try (SocketPair pair = SocketPair.unix()) {
      carriesBothWays(pair);
    }
  }

  private static void carriesBothWays(SocketPair pair) {
    sendAll(pair.client(), "ping");
    expect(pair.server(), "ping");
    sendAll(pair.server(), "pong!");
    expect(pair.client(), "pong!");
  }

  @Test
  void aSocketKnowsItsDomainAndType() throws Exception {
    int[][] kinds = {
      {AF_INET, SOCK_STREAM},
      {AF_INET6, SOCK_DGRAM},
      {AF_UNIX, SOCK_SEQPACKET},
      {AF_UNIX, SOCK_DGRAM}
    };
    for (int[] kind : kinds) {
      int fd = Sockets.socket(kind[0], kind[1]);
      assertThat(Sockets.domain(fd)).isEqualTo(kind[0]);
      assertThat(Sockets.type(fd)).isEqualTo(kind[1]);
      Fds.close(fd);
    }
  }

  @Test
  void nothingToDoNowIsEagain() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      assertThat(Sockets.accept(pair.listener())).isEqualTo(-Errno.EAGAIN);
      assertThat(Fds.recv(pair.client(), buffer)).isEqualTo(-Errno.EAGAIN);
      assertThat(await(() -> Fds.send(pair.client(), buffer), sent -> sent < 0))
          .isEqualTo(-Errno.EAGAIN);
    }
  }

  @Test
  void aFailureSaysTheCallAndTheReason() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      int fd = Sockets.socket(AF_INET, SOCK_STREAM);
      assertThatExceptionOfType(OsException.class)
          .isThrownBy(() -> Sockets.bind(fd, Sockets.localName(pair.listener())))
          .withMessageStartingWith("bind: EADDRINUSE (")
          .matches(e -> e.errno() == Errno.EADDRINUSE);
      assertThatExceptionOfType(OsException.class)
          .isThrownBy(() -> Sockets.peerName(fd))
          .withMessageStartingWith("getpeername: ENOTCONN (");
      Fds.close(fd);
      assertThatExceptionOfType(OsException.class)
          .isThrownBy(() -> Sockets.listen(-1, 1))
          .withMessageStartingWith("listen: EBADF (");
    }
  }

  @Test
  void aRefusedConnectionWaitsInTheError() throws Exception {
    SocketName nobody;
    try (SocketPair pair = SocketPair.tcp()) {
      nobody = Sockets.localName(pair.listener());
    }
    int fd = Sockets.socket(AF_INET, SOCK_STREAM);
    int connecting = Sockets.connect(fd, nobody);
    assertThat(connecting).isIn(-Errno.EINPROGRESS, -Errno.ECONNREFUSED);
    if (connecting == -Errno.EINPROGRESS) {
      assertThat(await(() -> Sockets.error(fd), e -> e != 0)).isEqualTo(Errno.ECONNREFUSED);
    }
    assertThat(Sockets.error(fd)).isZero();
    Fds.close(fd);
    assertThat(Sockets.error(-1)).isEqualTo(Errno.EBADF);
  }

  @Test
  void anErrorIsTakenUnderTheLockToo() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      assertThat(Sockets.errorUnderLock(pair.server())).isZero();
      pair.closeClient(Sockets::reset);
      assertThat(await(() -> Sockets.errorUnderLock(pair.server()), e -> e != 0))
          .isEqualTo(Errno.ECONNRESET);
      assertThat(Sockets.error(pair.server())).isZero();
    }
  }

  @Test
  void aFullUnixBacklogSaysEagain() throws Exception {
    SocketName name = SocketPair.anyAbstractName();
    int listener = Sockets.socket(AF_UNIX, SOCK_STREAM);
    Sockets.bind(listener, name);
    Sockets.listen(listener, 0);
    int first = Sockets.socket(AF_UNIX, SOCK_STREAM);
    int second = Sockets.socket(AF_UNIX, SOCK_STREAM);
    assertThat(Sockets.connect(first, name)).isZero();
    assertThat(Sockets.connect(second, name)).isEqualTo(-Errno.EAGAIN);
    for (int fd : new int[] {second, first, listener}) {
      Fds.close(fd);
    }
  }

  @Test
  void aPeerSeesTheEndOfWhatWasShutDown() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      assertThat(Sockets.shutdownWrite(pair.client())).isZero();
      assertThat(received(pair.server())).isZero();
      assertThat(Fds.send(pair.client(), buffer)).isEqualTo(-Errno.EPIPE);
      sendAll(pair.server(), "still open this way");
      expect(pair.client(), "still open this way");
    }
    assertThat(Sockets.shutdownWrite(-1)).isEqualTo(-Errno.EBADF);
  }

  @Test
  void aResetTcpPeerSeesIt() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      pair.closeClient(Sockets::reset);
      assertThat(received(pair.server())).isEqualTo(-Errno.ECONNRESET);
    }
  }

  @Test
  void aClosedTcpPeerSeesTheEnd() throws Exception {
    try (SocketPair pair = SocketPair.tcp()) {
      pair.closeClient(Fds::close);
      assertThat(received(pair.server())).isZero();
    }
  }

  @Test
  void resetClosesAUnixSocketToo() throws Exception {
    try (SocketPair pair = SocketPair.unix()) {
      pair.closeClient(Sockets::reset);
      assertThat(received(pair.server())).isZero();
    }
  }

  @Test
  void queuedCountsWhatWaits() throws Exception {
    try (SocketPair tcp = SocketPair.tcp();
        SocketPair unix = SocketPair.unix()) {
      for (SocketPair pair : new SocketPair[] {tcp, unix}) {
        assertThat(Sockets.queued(pair.server())).isZero();
        sendAll(pair.client(), "12345");
        assertThat(await(() -> Sockets.queued(pair.server()), n -> n != 0)).isEqualTo(5);
      }
    }
    assertThat(Sockets.queued(-1)).isEqualTo(-Errno.EBADF);
  }

  @Test
  void aUdpSocketCountsWhatItDropped() throws Exception {
    int receiver = Sockets.socket(AF_INET, SOCK_DGRAM);
    int sender = Sockets.socket(AF_INET, SOCK_DGRAM);
    Sockets.setReceiveBuffer(receiver, 4096);
    Sockets.bind(receiver, SocketName.inet(InetAddress.ofLiteral("127.0.0.1"), 0));
    assertThat(Sockets.drops(receiver)).isZero();
    assertThat(Sockets.connect(sender, Sockets.localName(receiver))).isZero();
    for (int i = 0; i < 100; i++) {
      Fds.send(sender, buffer.asSlice(0, 1000));
    }
    long kept = 0;
    while (Fds.recv(receiver, buffer) > 0) {
      kept++;
    }
    assertThat(Sockets.drops(receiver)).isPositive().isEqualTo(100 - kept);
    Fds.close(sender);
    Fds.close(receiver);
    assertThat(Sockets.drops(-1)).isEqualTo(-Errno.EBADF);
  }
}
