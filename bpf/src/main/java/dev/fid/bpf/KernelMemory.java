package dev.fid.bpf;

import dev.fid.bpf.ffi.BpfLibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Maps the memory of a BPF map into this process until an arena closes.
final class KernelMemory {
  static final int READ = BpfLibC.PROT_READ;
  static final int READ_WRITE = BpfLibC.PROT_READ | BpfLibC.PROT_WRITE;

  private KernelMemory() {}

  static MemorySegment map(BpfMap map, long offset, long length, int protection, Arena arena)
      throws BpfException {
    long address = BpfLibC.mmap(length, protection, BpfLibC.MAP_SHARED, map.fd(), offset);
    if (address < 0 && address > -4096) {
      throw BpfException.of("map the memory of " + map.name(), (int) -address, "");
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(length, arena, memory -> BpfLibC.munmap(memory, length));
  }

  static int pageSize() {
    return BpfLibC.getpagesize();
  }

  /// The next multiple of a power of two.
  static long roundUp(long value, long unit) {
    return (value + unit - 1) & -unit;
  }
}
