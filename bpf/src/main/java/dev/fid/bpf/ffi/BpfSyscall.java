package dev.fid.bpf.ffi;

import static dev.fid.bpf.ffi.LibBpf.LIBRARY;
import static dev.fid.bpf.ffi.Words.call;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The functions of `bpf/bpf.h` that Fid calls while sockets live: none of them allocates.
///
/// All give 0 or -errno, and [#linkCreate] a descriptor.
public final class BpfSyscall {
  private static final MethodHandle UPDATE = LIBRARY.words("bpf_map_update_elem", 4);
  private static final MethodHandle LOOKUP = LIBRARY.words("bpf_map_lookup_elem", 3);
  private static final MethodHandle DELETE = LIBRARY.words("bpf_map_delete_elem", 2);
  private static final MethodHandle NEXT_KEY = LIBRARY.words("bpf_map_get_next_key", 3);
  private static final MethodHandle ATTACH = LIBRARY.words("bpf_prog_attach", 4);
  private static final MethodHandle DETACH = LIBRARY.words("bpf_prog_detach2", 3);
  private static final MethodHandle TEST_RUN = LIBRARY.words("bpf_prog_test_run_opts", 2);

  private static final MethodHandle LINK_CREATE = LIBRARY.words("bpf_link_create", 4);

  private BpfSyscall() {}

  /// `int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)`
  public static int mapUpdateElem(int fd, MemorySegment key, MemorySegment value, long flags) {
    return (int) call(UPDATE, fd, key.address(), value.address(), flags);
  }

  /// `int bpf_map_lookup_elem(int fd, const void *key, void *value)`
  public static int mapLookupElem(int fd, MemorySegment key, MemorySegment value) {
    return (int) call(LOOKUP, fd, key.address(), value.address());
  }

  /// `int bpf_map_delete_elem(int fd, const void *key)`
  public static int mapDeleteElem(int fd, MemorySegment key) {
    return (int) call(DELETE, fd, key.address());
  }

  /// `int bpf_map_get_next_key(int fd, const void *key, void *next_key)`
  public static int mapGetNextKey(int fd, MemorySegment key, MemorySegment next) {
    return (int) call(NEXT_KEY, fd, key.address(), next.address());
  }

  /// `int bpf_prog_attach(int prog_fd, int attachable_fd, enum bpf_attach_type type, unsigned int
  /// flags)`
  public static int progAttach(int program, int target, int type, int flags) {
    return (int) call(ATTACH, program, target, type, flags);
  }

  /// `int bpf_prog_detach2(int prog_fd, int attachable_fd, enum bpf_attach_type type)`
  public static int progDetach2(int program, int target, int type) {
    return (int) call(DETACH, program, target, type);
  }

  /// `int bpf_link_create(int prog_fd, int target_fd, enum bpf_attach_type attach_type, const
  /// struct bpf_link_create_opts *opts)`; the link's descriptor, or -errno.
  public static int linkCreate(int program, int target, int type, MemorySegment options) {
    return (int) call(LINK_CREATE, program, target, type, options.address());
  }

  /// `int bpf_prog_test_run_opts(int prog_fd, struct bpf_test_run_opts *opts)`
  public static int progTestRunOpts(int program, MemorySegment options) {
    return (int) call(TEST_RUN, program, options.address());
  }
}
