package dev.fid.bpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A thread's own memory for one key and one value, so that a call on a map allocates nothing.
record Scratch(MemorySegment key, MemorySegment value) {
  private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(Scratch::allocate);

  static Scratch own() {
    return OWN.get();
  }

  private static Scratch allocate() {
    var arena = Arena.ofAuto();
    return new Scratch(
        arena.allocate(ValueLayout.JAVA_LONG), arena.allocate(ValueLayout.JAVA_LONG));
  }
}
