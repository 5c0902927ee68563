package dev.fid.splice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Bytes that a target has not taken yet; most of the time none, and then no memory.
final class Held implements AutoCloseable {
  private @Nullable Arena arena;
  private MemorySegment bytes = MemorySegment.NULL;

  boolean isEmpty() {
    return arena == null;
  }

  MemorySegment bytes() {
    return bytes;
  }

  /// Keeps a copy of these, in place of what was held; they may be a part of that.
  void keep(MemorySegment rest) {
    Arena next = rest.byteSize() == 0 ? null : Arena.ofShared();
    MemorySegment copy =
        next == null ? MemorySegment.NULL : next.allocate(rest.byteSize()).copyFrom(rest);
    close();
    arena = next;
    bytes = copy;
  }

  @Override
  public void close() {
    Arena present = arena;
    arena = null;
    bytes = MemorySegment.NULL;
    if (present != null) {
      present.close();
    }
  }
}
