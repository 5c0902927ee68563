package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.KernelVersion;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// vsock streams that become datagrams.
@InNewNetwork
class VsockCutTest {
  @RegisterExtension private final Engine engine = new Engine(true);

  private static final SpliceOptions NONE = SpliceOptions.defaults().withFraming(Framing.NONE);

  private static boolean isInKernel(Family datagrams) {
    return datagrams == Family.UNIX_DATAGRAM
        || KernelVersion.running().compareTo(LanePlan.VSOCK_IN_PIECES) >= 0;
  }

  @ParameterizedTest
  @EnumSource(names = {"UDP", "UNIX_DATAGRAM"})
  void payloadGoesBothWays(Family datagrams) throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = CutEnds.of(Family.VSOCK, datagrams)) {
      ends.splice(engine.splicer(), NONE);
      long offset = 0;
      for (int i = 0; i < 100 || (i < 20_000 && !isUnderWay(ends, datagrams)); i++) {
        int size = 1 + 97 * (i % 100);
        ends.send(CutEnds.bytes(arena, offset, size));
        ends.receiveBytes(size);
        offset += size;
        ends.answer(arena, "answer " + i, "answer " + i);
      }
      assertThat(ends.upstream().kernelBytes() > 0).isEqualTo(isInKernel(datagrams));
      assertThat(ends.session().stats().downstream().kernelBytes()).isPositive();
      assertThat(ends.upstream().droppedSkbs()).isZero();
    }
  }

  /// A session begins in user space, and how long that takes is the kernel's affair.
  private static boolean isUnderWay(CutEnds ends, Family datagrams) {
    return ends.session().stats().downstream().kernelBytes() > 0
        && (ends.upstream().kernelBytes() > 0 || !isInKernel(datagrams));
  }

  @ParameterizedTest
  @EnumSource(names = {"UDP", "UNIX_DATAGRAM"})
  void aBulkIsCutAndNoByteIsLost(Family datagrams) throws Exception {
    long size = 8 << 20;
    try (Arena arena = Arena.ofShared();
        CutEnds ends = CutEnds.of(Family.VSOCK, datagrams)) {
      ends.splice(engine.splicer(), NONE);
      MemorySegment bytes = CutEnds.bytes(arena, 0, size);
      ends.send(bytes.asSlice(0, 1));
      ends.receiveBytes(1);
      if (isInKernel(datagrams)) {
        Session session = ends.session();
        Ends.until(
            () -> Ends.onLoop(session.loop(), session.upstream()::state) == LaneState.KERNEL);
      }
      Thread sender = Thread.ofPlatform().start(() -> ends.send(bytes.asSlice(1)));
      int longest = ends.receiveBytes(size - 1);
      sender.join();
      assertThat(longest).isLessThanOrEqualTo(datagrams == Family.UDP ? 65_507 : 1 << 20);
      assertThat(ends.upstream().kernelBytes() > 0).isEqualTo(isInKernel(datagrams));
      assertThat(ends.upstream().droppedSkbs()).isZero();
    }
  }

  /// Its credit holds the sender back; nothing is lost.
  @ParameterizedTest
  @EnumSource(names = "UNIX_DATAGRAM")
  void aReaderThatStopsHoldsTheSenderBack(Family datagrams) throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = CutEnds.of(Family.VSOCK, datagrams)) {
      ends.splice(engine.splicer(), NONE.withBacklog(16));
      long sent = 0;
      for (int still = 0; still < 10; ) {
        long given = Fds.send(ends.stream(), CutEnds.bytes(arena, sent, 1000));
        if (given > 0) {
          still = 0;
          sent += given;
        } else {
          assertThat(given).isEqualTo(-Errno.EAGAIN);
          still++;
          Thread.sleep(100);
        }
        assertThat(sent).isLessThan(64 << 20);
      }
      ends.receiveBytes(sent);
      assertThat(ends.upstream().droppedSkbs()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UDP", "UNIX_DATAGRAM"})
  void theEndComesBehindTheLastByte(Family datagrams) throws Exception {
    try (Arena arena = Arena.ofConfined();
        CutEnds ends = CutEnds.of(Family.VSOCK, datagrams)) {
      ends.splice(engine.splicer(), NONE.withHalfClose(HalfClose.END));
      ends.send(CutEnds.bytes(arena, 0, 300_000));
      assertThat(Sockets.shutdownWrite(ends.stream())).isZero();
      ends.receiveBytes(300_000);
      assertThat(Ends.ended(ends.session()).outcome()).isEqualTo(new Outcome.Completed());
    }
  }
}
