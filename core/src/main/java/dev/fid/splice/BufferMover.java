package dev.fid.splice;

import dev.fid.os.Fds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Moves through a buffer off the heap, where no pipe is to be had.
final class BufferMover implements Mover {
  static final int CAPACITY = 256 << 10;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(CAPACITY, 64);
  private long start;
  private long end;

  @Override
  public long fill(int from) {
    long taken = Fds.recv(from, buffer);
    if (taken > 0) {
      start = 0;
      end = taken;
    }
    return taken;
  }

  @Override
  public long flush(int to) {
    long given = Fds.send(to, buffer.asSlice(start, end - start));
    if (given > 0) {
      start += given;
    }
    return given;
  }

  @Override
  public long held() {
    return end - start;
  }

  @Override
  public void close() {
    arena.close();
  }
}
