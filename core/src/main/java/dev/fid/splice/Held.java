package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
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

  /// Keeps a copy of these, in place of what was held; they may be a part of that. Of no bytes
  /// nothing is held.
  void keep(MemorySegment rest) {
    if (rest.byteSize() == 0) {
      close();
    } else {
      keepWhole(rest);
    }
  }

  /// The same for a message, which may be empty.
  void keepWhole(MemorySegment message) {
    Arena next = Arena.ofShared();
    MemorySegment copy = next.allocate(message.byteSize()).copyFrom(message);
    close();
    arena = next;
    bytes = copy;
  }

  /// A copy of what is held, for the application.
  ByteBuffer copy() {
    return ByteBuffer.wrap(bytes.toArray(JAVA_BYTE));
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
