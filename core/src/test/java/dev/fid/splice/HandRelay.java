package dev.fid.splice;

import static dev.fid.os.SocketPair.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/// What an application does with two sockets that it has: reads one, writes the other, until the
/// end. It uses none of the engine.
final class HandRelay {
  private HandRelay() {}

  /// Both directions, each in a thread of its own: returns when both have ended.
  static void both(int first, List<ByteBuffer> fromFirst, int second, List<ByteBuffer> fromSecond)
      throws InterruptedException {
    Thread back = Thread.ofPlatform().start(() -> run(second, fromSecond, first));
    run(first, fromFirst, second);
    back.join();
  }

  private static void run(int from, List<ByteBuffer> unread, int to) {
    try (Arena arena = Arena.ofConfined()) {
      for (ByteBuffer piece : unread) {
        write(to, arena.allocate(piece.remaining()).copyFrom(MemorySegment.ofBuffer(piece)));
      }
      MemorySegment buffer = arena.allocate(64 << 10);
      for (long taken; (taken = read(from, buffer)) != 0; ) {
        assertThat(taken).as("recv").isPositive();
        write(to, buffer.asSlice(0, taken));
      }
      Sockets.shutdownWrite(to);
    }
  }

  private static long read(int from, MemorySegment buffer) {
    return await(() -> Fds.recv(from, buffer), answer -> answer != -Errno.EAGAIN);
  }

  private static void write(int to, MemorySegment bytes) {
    for (long at = 0; at < bytes.byteSize(); ) {
      MemorySegment rest = bytes.asSlice(at);
      long given = await(() -> Fds.send(to, rest), answer -> answer != -Errno.EAGAIN);
      assertThat(given).as("send").isPositive();
      at += given;
    }
  }
}
