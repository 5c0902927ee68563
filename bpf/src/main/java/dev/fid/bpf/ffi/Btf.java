package dev.fid.bpf.ffi;

import static dev.fid.bpf.ffi.LibBpf.LIBRARY;
import static dev.fid.bpf.ffi.Native.unexpected;
import static dev.fid.bpf.ffi.Words.call;
import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The functions of `bpf/btf.h` that Fid calls.
public final class Btf {
  public static final int KIND_STRUCT = 4;
  public static final int KIND_FUNC = 12;

  private static final MethodHandle LOAD_VMLINUX =
      LIBRARY.errnoFunction("btf__load_vmlinux_btf", ADDRESS);
  private static final MethodHandle FREE = LIBRARY.words("btf__free", 1);
  private static final MethodHandle FIND = LIBRARY.words("btf__find_by_name_kind", 3);
  private static final MethodHandle TYPE_BY_ID = LIBRARY.words("btf__type_by_id", 2);
  private static final MethodHandle NAME = LIBRARY.words("btf__name_by_offset", 2);
  private static final MethodHandle RESOLVE_SIZE = LIBRARY.words("btf__resolve_size", 2);

  private Btf() {}

  /// `struct btf *btf__load_vmlinux_btf(void)`; the address, or -errno.
  public static long loadVmlinuxBtf() {
    try {
      var btf = (MemorySegment) LOAD_VMLINUX.invokeExact(Native.state());
      return btf.address() == 0 ? -Native.errno() : btf.address();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `void btf__free(struct btf *btf)`
  public static void free(MemorySegment btf) {
    call(FREE, btf.address());
  }

  /// `__s32 btf__find_by_name_kind(const struct btf *btf, const char *type_name, __u32 kind)`; the
  /// type's id, or -errno.
  public static int findByNameKind(MemorySegment btf, MemorySegment name, int kind) {
    return (int) call(FIND, btf.address(), name.address(), kind);
  }

  /// `const struct btf_type *btf__type_by_id(const struct btf *btf, __u32 id)`
  public static MemorySegment typeById(MemorySegment btf, int id) {
    return MemorySegment.ofAddress(call(TYPE_BY_ID, btf.address(), id));
  }

  /// `const char *btf__name_by_offset(const struct btf *btf, __u32 offset)`
  public static String nameByOffset(MemorySegment btf, int offset) {
    return Native.string(MemorySegment.ofAddress(call(NAME, btf.address(), offset)));
  }

  /// `__s64 btf__resolve_size(const struct btf *btf, __u32 type_id)`
  public static long resolveSize(MemorySegment btf, int id) {
    return call(RESOLVE_SIZE, btf.address(), id);
  }
}
