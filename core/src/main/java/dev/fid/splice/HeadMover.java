package dev.fid.splice;

import dev.fid.os.Fds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/// Holds what was received before the splice; it is given, and never filled.
final class HeadMover implements Mover {
  private final MemorySegment bytes;
  private long given;

  HeadMover(List<ByteBuffer> head) {
    bytes = Arena.ofAuto().allocate(head.stream().mapToLong(ByteBuffer::remaining).sum());
    ByteBuffer all = bytes.asByteBuffer();
    head.forEach(piece -> all.put(piece.duplicate()));
  }

  @Override
  public long fill(int from) {
    throw new IllegalStateException("a head is not filled");
  }

  @Override
  public long flush(int to) {
    long taken = Fds.send(to, bytes.asSlice(given));
    given += Math.max(0, taken);
    return taken;
  }

  @Override
  public long held() {
    return bytes.byteSize() - given;
  }

  @Override
  public void close() {}
}
