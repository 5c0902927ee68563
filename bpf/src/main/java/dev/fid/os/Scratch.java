package dev.fid.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A little native memory of each thread's own, for the values that one call takes or gives: calls
/// on the way of bytes allocate nothing.
///
/// A value of up to 128 bytes (a `sockaddr_storage`) lies at [#value()], its `socklen_t` at
/// [#length()].
record Scratch(MemorySegment value, MemorySegment length) {
  static final int SIZE = 128;

  private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::allocate);

  static Scratch mine() {
    return MINE.get();
  }

  /// The value, holding one `int`.
  static MemorySegment holding(int value) {
    MemorySegment segment = mine().value;
    segment.set(JAVA_INT, 0, value);
    return segment;
  }

  private static Scratch allocate() {
    MemorySegment all = Arena.ofAuto().allocate(SIZE + JAVA_INT.byteSize(), Long.BYTES);
    return new Scratch(all.asSlice(0, SIZE), all.asSlice(SIZE));
  }
}
