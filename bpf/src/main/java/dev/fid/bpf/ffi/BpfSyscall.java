package dev.fid.bpf.ffi;

import static dev.fid.bpf.ffi.LibBpf.LIBRARY;
import static dev.fid.bpf.ffi.Native.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The functions of `bpf/bpf.h` that Fid calls while sockets live: none of them allocates.
///
/// All give 0 or -errno, and [#linkCreate] a descriptor.
public final class BpfSyscall {
  private static final MethodHandle UPDATE =
      LIBRARY.function("bpf_map_update_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle LOOKUP =
      LIBRARY.function("bpf_map_lookup_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle DELETE =
      LIBRARY.function("bpf_map_delete_elem", JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle NEXT_KEY =
      LIBRARY.function("bpf_map_get_next_key", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle ATTACH =
      LIBRARY.function("bpf_prog_attach", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle DETACH =
      LIBRARY.function("bpf_prog_detach2", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle TEST_RUN =
      LIBRARY.function("bpf_prog_test_run_opts", JAVA_INT, JAVA_INT, ADDRESS);

  private static final MethodHandle LINK_CREATE =
      LIBRARY.function("bpf_link_create", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);

  private BpfSyscall() {}

  /// `int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)`
  public static int mapUpdateElem(int fd, MemorySegment key, MemorySegment value, long flags) {
    try {
      return (int) UPDATE.invokeExact(fd, key, value, flags);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_map_lookup_elem(int fd, const void *key, void *value)`
  public static int mapLookupElem(int fd, MemorySegment key, MemorySegment value) {
    try {
      return (int) LOOKUP.invokeExact(fd, key, value);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_map_delete_elem(int fd, const void *key)`
  public static int mapDeleteElem(int fd, MemorySegment key) {
    try {
      return (int) DELETE.invokeExact(fd, key);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_map_get_next_key(int fd, const void *key, void *next_key)`
  public static int mapGetNextKey(int fd, MemorySegment key, MemorySegment next) {
    try {
      return (int) NEXT_KEY.invokeExact(fd, key, next);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_prog_attach(int prog_fd, int attachable_fd, enum bpf_attach_type type, unsigned int
  /// flags)`
  public static int progAttach(int program, int target, int type, int flags) {
    try {
      return (int) ATTACH.invokeExact(program, target, type, flags);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_prog_detach2(int prog_fd, int attachable_fd, enum bpf_attach_type type)`
  public static int progDetach2(int program, int target, int type) {
    try {
      return (int) DETACH.invokeExact(program, target, type);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_link_create(int prog_fd, int target_fd, enum bpf_attach_type attach_type, const
  /// struct bpf_link_create_opts *opts)`; the link's descriptor, or -errno.
  public static int linkCreate(int program, int target, int type, MemorySegment options) {
    try {
      return (int) LINK_CREATE.invokeExact(program, target, type, options);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_prog_test_run_opts(int prog_fd, struct bpf_test_run_opts *opts)`
  public static int progTestRunOpts(int program, MemorySegment options) {
    try {
      return (int) TEST_RUN.invokeExact(program, options);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}
