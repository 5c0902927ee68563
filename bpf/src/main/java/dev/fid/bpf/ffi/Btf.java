package dev.fid.bpf.ffi;

import static dev.fid.bpf.ffi.LibBpf.LIBRARY;
import static dev.fid.bpf.ffi.Native.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The functions of `bpf/btf.h` that Fid calls.
public final class Btf {
  public static final int KIND_STRUCT = 4;
  public static final int KIND_FUNC = 12;

  private static final MethodHandle LOAD_VMLINUX =
      LIBRARY.errnoFunction("btf__load_vmlinux_btf", ADDRESS);
  private static final MethodHandle FREE = LIBRARY.procedure("btf__free", ADDRESS);
  private static final MethodHandle FIND =
      LIBRARY.function("btf__find_by_name_kind", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle TYPE_BY_ID =
      LIBRARY.function("btf__type_by_id", ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle NAME =
      LIBRARY.function("btf__name_by_offset", ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle RESOLVE_SIZE =
      LIBRARY.function("btf__resolve_size", JAVA_LONG, ADDRESS, JAVA_INT);

  private Btf() {}

  /// `struct btf *btf__load_vmlinux_btf(void)`; the address, or -errno.
  public static long loadVmlinuxBtf() {
    try {
      var btf = (MemorySegment) LOAD_VMLINUX.invokeExact();
      return btf.address() == 0 ? -Native.errno() : btf.address();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `void btf__free(struct btf *btf)`
  public static void free(MemorySegment btf) {
    try {
      FREE.invokeExact(btf);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `__s32 btf__find_by_name_kind(const struct btf *btf, const char *type_name, __u32 kind)`; the
  /// type's id, or -errno.
  public static int findByNameKind(MemorySegment btf, MemorySegment name, int kind) {
    try {
      return (int) FIND.invokeExact(btf, name, kind);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `const struct btf_type *btf__type_by_id(const struct btf *btf, __u32 id)`
  public static MemorySegment typeById(MemorySegment btf, int id) {
    try {
      return (MemorySegment) TYPE_BY_ID.invokeExact(btf, id);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `const char *btf__name_by_offset(const struct btf *btf, __u32 offset)`
  public static String nameByOffset(MemorySegment btf, int offset) {
    try {
      return Native.string((MemorySegment) NAME.invokeExact(btf, offset));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `__s64 btf__resolve_size(const struct btf *btf, __u32 type_id)`
  public static long resolveSize(MemorySegment btf, int id) {
    try {
      return (long) RESOLVE_SIZE.invokeExact(btf, id);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}
