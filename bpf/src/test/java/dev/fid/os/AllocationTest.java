package dev.fid.os;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/// Calls on the way of bytes put nothing on the heap, once the compiler has seen them.
class AllocationTest {
  @Test
  void hotCallsAllocateNothing() throws Exception {
    try (Arena arena = Arena.ofShared();
        SocketPair pair = SocketPair.unix();
        Fds.Pipe pipe = Fds.pipe(65536)) {
      MemorySegment buffer = arena.allocate(64);
      SocketName name = Sockets.localName(pair.listener());
      Map<String, LongSupplier> calls =
          Map.ofEntries(
              entry("write", () -> Fds.write(pipe.writeEnd(), buffer)),
              entry("read", () -> Fds.read(pipe.readEnd(), buffer)),
              entry("send", () -> Fds.send(pair.client(), buffer)),
              entry("splice", () -> Fds.splice(pair.server(), pipe.writeEnd(), 64)),
              entry("recv", () -> Fds.recv(pair.server(), buffer)),
              entry("accept", () -> Sockets.accept(pair.listener())),
              entry("connect", () -> Sockets.connect(pair.client(), name)),
              entry("setReceiveLowWater", () -> 1 + Sockets.setReceiveLowWater(pair.client(), 1)),
              entry("queued", () -> 1 + Sockets.queued(pair.client())),
              entry("drops", () -> 1 + Sockets.drops(pair.client())),
              entry("error", () -> 1 + Sockets.error(pair.client())),
              entry("shutdownWrite", () -> Sockets.shutdownWrite(-1)),
              entry("close", () -> Fds.close(-1)));
      calls.forEach((call, code) -> assertThat(Allocations.least(code)).as(call).isZero());
    }
  }

  @Test
  void bytesThatMoveAllocateNothing() throws Exception {
    try (Arena arena = Arena.ofShared();
        SocketPair pair = SocketPair.unix();
        Fds.Pipe pipe = Fds.pipe(65536)) {
      MemorySegment buffer = arena.allocate(64);
      long allocated =
          Allocations.least(() -> {
            long moved = Fds.send(pair.client(), buffer);
            moved += Fds.splice(pair.server(), pipe.writeEnd(), 64);
            moved += Fds.splice(pipe.readEnd(), pair.server(), 64);
            moved += Fds.recv(pair.client(), buffer);
            assertMoved(moved);
            return moved;
          });
      assertThat(allocated).isZero();
    }
  }

  @Test
  void theMeasureSeesAnAllocation() {
    Object[] kept = new Object[1];
    assertThat(
            Allocations.least(() -> {
              kept[0] = new byte[1];
              return 1;
            }))
        .isGreaterThanOrEqualTo(Allocations.BATCH * 16L);
    assertThatThrownBy(() -> assertMoved(1)).isInstanceOf(AssertionError.class);
  }

  private static void assertMoved(long bytes) {
    if (bytes != 4 * 64) {
      throw new AssertionError("moved " + bytes);
    }
  }
}
