package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fid.bpf.ffi.BpfSyscall;
import dev.fid.bpf.ffi.LibBpf;
import dev.fid.os.Errno;
import java.lang.foreign.MemorySegment;

/// A map of an object, by its file descriptor; keys and values are integers of four or eight bytes.
///
/// Once the object is closed every call answers -EBADF: the kernel may have given the number to
/// another file by then.
record BpfMap(
    String name, int fd, int keySize, int valueSize, int maxEntries, MemorySegment.Scope owner) {
  static final int TYPE_HASH = 1;
  static final int TYPE_ARRAY = 2;
  static final int TYPE_SOCKMAP = 15;
  static final int TYPE_SOCKHASH = 18;
  static final int TYPE_RINGBUF = 27;

  private static final long ANY = 0;

  static BpfMap of(MemorySegment map, MemorySegment.Scope owner) {
    return new BpfMap(
        LibBpf.mapName(map),
        LibBpf.mapFd(map),
        LibBpf.mapKeySize(map),
        LibBpf.mapValueSize(map),
        LibBpf.mapMaxEntries(map),
        owner);
  }

  /// 0 or -errno.
  int update(long key, long value) {
    var scratch = Scratch.own();
    return owner.isAlive()
        ? BpfSyscall.mapUpdateElem(
            fd, put(scratch.key(), keySize, key), put(scratch.value(), valueSize, value), ANY)
        : -Errno.EBADF;
  }

  /// 0 or -errno.
  int delete(long key) {
    return owner.isAlive()
        ? BpfSyscall.mapDeleteElem(fd, put(Scratch.own().key(), keySize, key))
        : -Errno.EBADF;
  }

  /// 0 or -errno; the value is then in this thread's [Scratch#value].
  int lookup(long key) {
    var scratch = Scratch.own();
    return owner.isAlive()
        ? BpfSyscall.mapLookupElem(fd, put(scratch.key(), keySize, key), scratch.value())
        : -Errno.EBADF;
  }

  /// How many entries a walk over the keys finds; an entry that comes or goes meanwhile may count.
  int size() {
    var key = Scratch.own().key();
    int found = 0;
    var previous = MemorySegment.NULL;
    while (found < maxEntries
        && owner.isAlive()
        && BpfSyscall.mapGetNextKey(fd, previous, key) == 0) {
      previous = key;
      found++;
    }
    return found;
  }

  private static MemorySegment put(MemorySegment at, int size, long value) {
    if (size == Integer.BYTES) {
      at.set(JAVA_INT, 0, (int) value);
    } else {
      at.set(JAVA_LONG, 0, value);
    }
    return at;
  }
}
