package dev.fid.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls on the way of bytes put nothing on the heap, once the compiler has seen them.
class AllocationTest {
  @ParameterizedTest
  @ValueSource(classes = {Write.class, Connection.class, Bytes.class})
  void callsLeaveNothingOnTheHeap(Class<?> calls) throws Exception {
    OwnJvm.run(calls);
  }

  @Test
  void whatIsMeasuredThereFailsHere() {
    assertThatThrownBy(() -> OwnJvm.run(Allocating.class))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Allocating.main");
  }

  /// What is called for each write.
  static final class Write {
    public static void main(String[] args) throws Exception {
      try (Arena arena = Arena.ofShared();
          SocketPair pair = SocketPair.unix();
          Fds.Pipe pipe = Fds.pipe(65536)) {
        MemorySegment buffer = arena.allocate(64);
        Map<String, LongSupplier> calls =
            Map.of(
                "write", () -> Fds.write(pipe.writeEnd(), buffer),
                "read", () -> Fds.read(pipe.readEnd(), buffer),
                "send", () -> Fds.send(pair.client(), buffer),
                "splice", () -> Fds.splice(pair.server(), pipe.writeEnd(), 64),
                "recv", () -> Fds.recv(pair.server(), buffer));
        calls.forEach((call, code) -> assertThat(Allocations.least(code)).as(call).isZero());
      }
    }
  }

  /// What is called for each connection. The compiler does not always see through these: one small
  /// object a call is what it may leave.
  static final class Connection {
    public static void main(String[] args) throws Exception {
      try (SocketPair pair = SocketPair.unix()) {
        SocketName name = Sockets.localName(pair.listener());
        Map<String, LongSupplier> calls =
            Map.of(
                "accept", () -> Sockets.accept(pair.listener()),
                "connect", () -> Sockets.connect(pair.client(), name),
                "setReceiveLowWater", () -> 1 + Sockets.setReceiveLowWater(pair.client(), 1),
                "queued", () -> 1 + Sockets.queued(pair.client()),
                "drops", () -> 1 + Sockets.drops(pair.client()),
                "error", () -> 1 + Sockets.error(pair.client()),
                "shutdownWrite", () -> Sockets.shutdownWrite(-1),
                "close", () -> Fds.close(-1));
        long small = Allocations.BATCH * 48L;
        calls.forEach((call, code) ->
            assertThat(Allocations.least(code, small)).as(call).isLessThanOrEqualTo(small));
      }
    }
  }

  /// Bytes that move from end to end.
  static final class Bytes {
    public static void main(String[] args) throws Exception {
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
              if (moved != 4 * 64) {
                throw new AssertionError("moved " + moved);
              }
              return moved;
            });
        assertThat(allocated).isZero();
      }
    }
  }

  static final class Allocating {
    public static void main(String[] args) {
      Object[] kept = new Object[1];
      assertThat(
              Allocations.least(() -> {
                kept[0] = new byte[1];
                return 1;
              }))
          .isLessThan(Allocations.BATCH * 16L);
    }
  }
}
