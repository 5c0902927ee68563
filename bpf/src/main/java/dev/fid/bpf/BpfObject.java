package dev.fid.bpf;

import dev.fid.bpf.ffi.LibBpf;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Programs and maps that live in the kernel until this is closed; what it hands out ends with it.
///
/// Closing detaches the programs and takes every socket out of the maps. A name that the object
/// does not have is an IllegalArgumentException that says which it has.
public final class BpfObject implements AutoCloseable {
  private static final int MMAPABLE = 1 << 10;

  private final OpenObject object;
  private final Arena arena = Arena.ofShared();
  private final List<RingBuffer> rings = new CopyOnWriteArrayList<>();

  BpfObject(OpenObject object) {
    this.object = object;
  }

  public BpfProgram program(String name) {
    return new BpfProgram(name, LibBpf.programFd(object.program(name)));
  }

  /// A SOCKHASH with 64-bit keys and values.
  public SockHash sockHash(String name) {
    return new SockHash(map(name, BpfMap.TYPE_SOCKHASH, "SOCKHASH"));
  }

  /// A SOCKMAP with 64-bit values.
  public SockMap sockMap(String name) {
    return new SockMap(map(name, BpfMap.TYPE_SOCKMAP, "SOCKMAP"));
  }

  /// A HASH from 64-bit keys to 32-bit values.
  public BpfHash hash(String name) {
    return new BpfHash(map(name, BpfMap.TYPE_HASH, "HASH"));
  }

  /// An ARRAY with `BPF_F_MMAPABLE`, mapped into this process.
  public MappedArray mappedArray(String name) throws BpfException {
    if ((LibBpf.mapFlags(object.map(name)) & MMAPABLE) == 0) {
      throw new IllegalArgumentException("map %s lacks BPF_F_MMAPABLE".formatted(name));
    }
    return MappedArray.map(map(name, BpfMap.TYPE_ARRAY, "ARRAY"), arena);
  }

  /// A reader of a RINGBUF; one ring has one reader.
  public RingBuffer ringBuffer(String name) throws BpfException {
    var ring = new RingBuffer(map(name, BpfMap.TYPE_RINGBUF, "RINGBUF"));
    rings.add(ring);
    return ring;
  }

  private BpfMap map(String name, int type, String title) {
    var map = object.map(name);
    if (LibBpf.mapType(map) != type) {
      throw new IllegalArgumentException("map %s is no %s".formatted(name, title));
    }
    return BpfMap.of(map, arena.scope());
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      rings.forEach(RingBuffer::close);
      arena.close();
      object.close();
    }
  }
}
