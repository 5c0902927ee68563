package dev.fid.bpf;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Maps the memory of a BPF map into this process until an arena closes.
final class KernelMemory {
  /// `PROT_READ`
  static final int READ = 1;

  /// `PROT_READ | PROT_WRITE`
  static final int READ_WRITE = 3;

  private static final int MAP_SHARED = 1;

  private KernelMemory() {}

  static MemorySegment map(BpfMap map, long offset, long length, int protection, Arena arena)
      throws BpfException {
    long address = LibC.mmap(length, protection, MAP_SHARED, map.fd(), offset);
    if (address < 0 && address > -4096) {
      throw BpfException.of("map the memory of " + map.name(), (int) -address, "");
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(length, arena, memory -> LibC.munmap(memory, length));
  }

  static int pageSize() {
    return LibC.getpagesize();
  }

  /// The next multiple of a power of two.
  static long roundUp(long value, long unit) {
    return (value + unit - 1) & -unit;
  }
}
