package dev.fid.bpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// An array map whose memory this process shares with the kernel; needs `BPF_F_MMAPABLE` (Linux
/// 5.5).
public final class MappedArray {
  private final MemorySegment memory;
  private final int entries;
  private final long stride;

  private MappedArray(MemorySegment memory, int entries, long stride) {
    this.memory = memory;
    this.entries = entries;
    this.stride = stride;
  }

  static MappedArray map(BpfMap map, Arena arena) throws BpfException {
    long stride = KernelMemory.roundUp(map.valueSize(), Long.BYTES);
    long bytes = stride * map.maxEntries();
    long mapped = KernelMemory.roundUp(bytes, KernelMemory.pageSize());
    var memory = KernelMemory.map(map, 0, mapped, KernelMemory.READ_WRITE, arena);
    return new MappedArray(memory.asSlice(0, bytes), map.maxEntries(), stride);
  }

  /// All entries; an access after the object was closed throws IllegalStateException.
  public MemorySegment memory() {
    return memory;
  }

  public int entries() {
    return entries;
  }

  /// Bytes from one entry to the next.
  public long stride() {
    return stride;
  }
}
