package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.util.OptionalInt;

/// A hash from 64-bit keys to 32-bit values; safe for any number of threads.
public final class BpfHash {
  private final BpfMap map;

  BpfHash(BpfMap map) {
    this.map = map;
  }

  /// 0 or -errno, -E2BIG where the map is full.
  public int put(long key, int value) {
    return map.update(key, value);
  }

  /// 0 or -errno, -ENOENT where there is no such key.
  public int remove(long key) {
    return map.delete(key);
  }

  public OptionalInt get(long key) {
    return map.lookup(key) < 0
        ? OptionalInt.empty()
        : OptionalInt.of(Scratch.own().value().get(JAVA_INT, 0));
  }

  /// How many entries a walk over the keys finds.
  public int size() {
    return map.size();
  }
}
