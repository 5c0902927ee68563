package dev.fid.splice;

import static dev.fid.os.SocketPair.await;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.KernelVersion;
import dev.fid.bpf.VsockPreflight;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the kernel does with vsock, where a promise or a refusal rests on it.
class VsockKernelTest {
  @RegisterExtension final Engine engine = new Engine(true);

  /// The level that ends verdicts: setsockopt takes no more than the buffer (vsock_set_rcvlowat).
  @Test
  void theLowWaterMarkReachesUpToTheBuffer() throws Exception {
    try (SocketPair pair = SocketPair.vsock()) {
      long buffer = Sockets.vsockBuffer(pair.client());
      assertThat(buffer).isEqualTo(256 << 10);
      assertThat(Sockets.setReceiveLowWater(pair.client(), (int) buffer)).isZero();
      assertThat(Sockets.setReceiveLowWater(pair.client(), (int) buffer + 1))
          .isEqualTo(-Errno.EINVAL);
    }
  }

  /// While the mark is at the buffer's size, what comes stays queued, until the queue is full to
  /// its last byte.
  @Test
  void noVerdictRunsBelowTheLowWaterMark() throws Exception {
    try (Ends ends = Ends.of(Family.VSOCK, Family.TCP)) {
      Splice splice = ends.splice(engine.splicer(), SpliceOptions.defaults());
      Ends.awaitState(splice.upstream(), LaneState.KERNEL);
      int fd = splice.upstream().source.descriptor();
      ends.near.send(1000);
      ends.far.receive(1000);
      int buffer = (int) Sockets.vsockBuffer(fd);
      Sockets.setReceiveLowWater(fd, buffer);
      ends.near.send(buffer - 1);
      Ends.until(() -> VsockSource.queued(fd) == 1);
      Thread.sleep(100);
      assertThat(splice.stats().upstream().kernelBytes()).isEqualTo(1000);
      ends.near.send(1);
      Ends.until(() -> splice.stats().upstream().kernelBytes() > 1000);
    }
  }

  /// SIOCINQ came with 6.17, SIOCOUTQ with 6.11.
  @Test
  void olderKernelsDoNotTellWhatIsQueued() throws Exception {
    try (SocketPair pair = SocketPair.vsock()) {
      SocketPair.sendAll(pair.client(), "some");
      await(() -> VsockSource.queued(pair.server()), queued -> queued == 1);
      boolean tells = KernelVersion.running().compareTo(KernelVersion.parse("6.17")) >= 0;
      assertThat(Sockets.queued(pair.server()))
          .isIn(tells ? new Object[] {4} : new Object[] {-25, -Errno.EOPNOTSUPP});
      assertThat(Sockets.unacknowledged(pair.client())).isZero();
    }
  }

  /// Why there is no vsock SEQPACKET: the kernel takes such sockets into a sockmap, and cuts their
  /// messages at 64 KiB, which no end can know.
  @Test
  void longSeqpacketMessagesAreCut() throws Exception {
    try (Seqpackets near = new Seqpackets();
        Seqpackets far = new Seqpackets();
        Arena arena = Arena.ofConfined()) {
      Endpoint a = new Endpoint(Family.VSOCK, near.takeServer());
      Endpoint b = new Endpoint(Family.VSOCK, far.takeServer());
      Splicer splicer = engine.splicer();
      // Applications cannot: their endpoints are looked at.
      Splice splice =
          (Splice) splicer.splice(splicer.nextLoop(), a, b, SpliceOptions.defaults(), _ -> {});
      Ends.awaitState(splice.upstream(), LaneState.KERNEL);
      MemorySegment buffer = arena.allocate(200_000).fill((byte) 7);
      assertThat(Fds.send(near.client, buffer.asSlice(0, 1000))).isEqualTo(1000);
      assertThat(await(() -> Fds.recv(far.client, buffer), got -> got != -Errno.EAGAIN))
          .isEqualTo(1000);
      assertThat(Fds.send(near.client, buffer.asSlice(0, 100_000))).isEqualTo(100_000);
      long first = await(() -> Fds.recv(far.client, buffer), got -> got != -Errno.EAGAIN);
      assertThat(first).isPositive().isLessThan(100_000);
      assertThat(buffer.get(JAVA_BYTE, 0)).isEqualTo((byte) 7);
      splice.close();
      Ends.ended(splice);
    }
  }

  @Test
  void theDoctorFindsBothTransports() {
    assertThat(VsockPreflight.run())
        .filteredOn(check -> check.passed())
        .extracting(check -> check.title())
        .contains("vsock", "vsock to guests", "vsock://local", "vsock in a sockmap");
  }

  /// Two connected SEQPACKET sockets.
  private static final class Seqpackets implements AutoCloseable {
    private final int listener = Sockets.socket(Sockets.AF_VSOCK, Sockets.SOCK_SEQPACKET);
    final int client = Sockets.socket(Sockets.AF_VSOCK, Sockets.SOCK_SEQPACKET);
    private int server;

    Seqpackets() throws Exception {
      Sockets.bind(listener, SocketName.vsock(1, SocketName.VSOCK_ANY));
      Sockets.listen(listener, 1);
      SocketName name = Sockets.localName(listener);
      SocketPair.bePatient(client);
      Sockets.connect(client, name);
      server = (int) await(() -> Sockets.accept(listener), fd -> fd != -Errno.EAGAIN);
      await(() -> Sockets.connect(client, name), answer -> answer == -Errno.EISCONN);
    }

    int takeServer() {
      int taken = server;
      server = -1;
      return taken;
    }

    @Override
    public void close() {
      for (int fd : new int[] {client, server, listener}) {
        if (fd >= 0) {
          Fds.close(fd);
        }
      }
    }
  }
}
