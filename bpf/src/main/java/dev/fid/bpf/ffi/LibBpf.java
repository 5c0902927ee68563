package dev.fid.bpf.ffi;

import static dev.fid.bpf.ffi.Native.unexpected;
import static dev.fid.bpf.ffi.Words.call;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The functions of `bpf/libbpf.h` that Fid calls; version 1.1 has them all.
///
/// Pointers to libbpf's structs are plain addresses. Functions that give an int give what C gives:
/// libbpf 1.x answers a failure with -errno.
public final class LibBpf {
  static final Library LIBRARY = Library.open("libbpf.so.1", "apt-get install libbpf1");

  private static final MethodHandle MAJOR = LIBRARY.words("libbpf_major_version", 0);
  private static final MethodHandle MINOR = LIBRARY.words("libbpf_minor_version", 0);
  private static final MethodHandle SET_PRINT = LIBRARY.words("libbpf_set_print", 1);
  private static final MethodHandle OPEN_MEM =
      LIBRARY.errnoFunction("bpf_object__open_mem", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle LOAD = LIBRARY.words("bpf_object__load", 1);
  private static final MethodHandle CLOSE = LIBRARY.words("bpf_object__close", 1);
  private static final MethodHandle OBJECT_BTF = LIBRARY.words("bpf_object__btf", 1);
  private static final MethodHandle FIND_PROGRAM =
      LIBRARY.words("bpf_object__find_program_by_name", 2);
  private static final MethodHandle FIND_MAP = LIBRARY.words("bpf_object__find_map_by_name", 2);
  private static final MethodHandle NEXT_MAP = LIBRARY.words("bpf_object__next_map", 2);
  private static final MethodHandle NEXT_PROGRAM = LIBRARY.words("bpf_object__next_program", 2);
  private static final MethodHandle PROGRAM_NAME = LIBRARY.words("bpf_program__name", 1);
  private static final MethodHandle PROGRAM_FD = LIBRARY.words("bpf_program__fd", 1);
  private static final MethodHandle SET_LOG_BUF = LIBRARY.words("bpf_program__set_log_buf", 3);
  private static final MethodHandle SET_LOG_LEVEL = LIBRARY.words("bpf_program__set_log_level", 2);
  private static final MethodHandle MAP_NAME = LIBRARY.words("bpf_map__name", 1);
  private static final MethodHandle MAP_FD = LIBRARY.words("bpf_map__fd", 1);
  private static final MethodHandle MAP_TYPE = LIBRARY.words("bpf_map__type", 1);
  private static final MethodHandle MAP_FLAGS = LIBRARY.words("bpf_map__map_flags", 1);
  private static final MethodHandle KEY_SIZE = LIBRARY.words("bpf_map__key_size", 1);
  private static final MethodHandle VALUE_SIZE = LIBRARY.words("bpf_map__value_size", 1);
  private static final MethodHandle MAX_ENTRIES = LIBRARY.words("bpf_map__max_entries", 1);
  private static final MethodHandle SET_MAX_ENTRIES = LIBRARY.words("bpf_map__set_max_entries", 2);
  private static final MethodHandle PROBE_PROG_TYPE =
      LIBRARY.words("libbpf_probe_bpf_prog_type", 2);
  private static final MethodHandle PROBE_MAP_TYPE = LIBRARY.words("libbpf_probe_bpf_map_type", 2);
  private static final MethodHandle PROBE_HELPER = LIBRARY.words("libbpf_probe_bpf_helper", 3);

  static {
    if (LIBRARY.missing().isEmpty()) {
      call(SET_PRINT, Messages.printer().address());
    }
  }

  private LibBpf() {}

  /// Why libbpf cannot be called and what to do about it; empty where it can.
  public static Optional<String> missing() {
    return LIBRARY.missing();
  }

  /// `__u32 libbpf_major_version(void)`
  public static int majorVersion() {
    return (int) call(MAJOR);
  }

  /// `__u32 libbpf_minor_version(void)`
  public static int minorVersion() {
    return (int) call(MINOR);
  }

  /// `struct bpf_object *bpf_object__open_mem(const void *obj_buf, size_t obj_buf_sz, const struct
  /// bpf_object_open_opts *opts)`; the address, or -errno.
  public static long objectOpenMem(MemorySegment image, MemorySegment options) {
    try {
      var object =
          (MemorySegment) OPEN_MEM.invokeExact(Native.state(), image, image.byteSize(), options);
      return object.address() == 0 ? -Native.errno() : object.address();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_object__load(struct bpf_object *obj)`; `heard` receives libbpf's messages.
  public static int objectLoad(MemorySegment object, StringBuilder heard) {
    return Messages.heard(heard, () -> (int) call(LOAD, object.address()));
  }

  /// `void bpf_object__close(struct bpf_object *object)`
  public static void objectClose(MemorySegment object) {
    call(CLOSE, object.address());
  }

  /// `struct btf *bpf_object__btf(const struct bpf_object *obj)`
  public static MemorySegment objectBtf(MemorySegment object) {
    return pointer(call(OBJECT_BTF, object.address()));
  }

  /// `struct bpf_program *bpf_object__find_program_by_name(const struct bpf_object *obj, const char
  /// *name)`
  public static MemorySegment objectFindProgramByName(MemorySegment object, MemorySegment name) {
    return pointer(call(FIND_PROGRAM, object.address(), name.address()));
  }

  /// `struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *obj, const char *name)`
  public static MemorySegment objectFindMapByName(MemorySegment object, MemorySegment name) {
    return pointer(call(FIND_MAP, object.address(), name.address()));
  }

  /// `struct bpf_map *bpf_object__next_map(const struct bpf_object *obj, const struct bpf_map
  /// *map)`
  public static MemorySegment objectNextMap(MemorySegment object, MemorySegment map) {
    return pointer(call(NEXT_MAP, object.address(), map.address()));
  }

  /// `struct bpf_program *bpf_object__next_program(const struct bpf_object *obj, struct bpf_program
  /// *prog)`
  public static MemorySegment objectNextProgram(MemorySegment object, MemorySegment program) {
    return pointer(call(NEXT_PROGRAM, object.address(), program.address()));
  }

  /// `const char *bpf_program__name(const struct bpf_program *prog)`
  public static String programName(MemorySegment program) {
    return Native.string(pointer(call(PROGRAM_NAME, program.address())));
  }

  /// `int bpf_program__fd(const struct bpf_program *prog)`
  public static int programFd(MemorySegment program) {
    return (int) call(PROGRAM_FD, program.address());
  }

  /// `int bpf_program__set_log_buf(struct bpf_program *prog, char *log_buf, size_t log_size)`
  public static int programSetLogBuf(MemorySegment program, MemorySegment buffer) {
    return (int) call(SET_LOG_BUF, program.address(), buffer.address(), buffer.byteSize());
  }

  /// `int bpf_program__set_log_level(struct bpf_program *prog, __u32 log_level)`
  public static int programSetLogLevel(MemorySegment program, int level) {
    return (int) call(SET_LOG_LEVEL, program.address(), level);
  }

  /// `const char *bpf_map__name(const struct bpf_map *map)`
  public static String mapName(MemorySegment map) {
    return Native.string(pointer(call(MAP_NAME, map.address())));
  }

  /// `int bpf_map__fd(const struct bpf_map *map)`
  public static int mapFd(MemorySegment map) {
    return (int) call(MAP_FD, map.address());
  }

  /// `enum bpf_map_type bpf_map__type(const struct bpf_map *map)`
  public static int mapType(MemorySegment map) {
    return (int) call(MAP_TYPE, map.address());
  }

  /// `__u32 bpf_map__map_flags(const struct bpf_map *map)`
  public static int mapFlags(MemorySegment map) {
    return (int) call(MAP_FLAGS, map.address());
  }

  /// `__u32 bpf_map__key_size(const struct bpf_map *map)`
  public static int mapKeySize(MemorySegment map) {
    return (int) call(KEY_SIZE, map.address());
  }

  /// `__u32 bpf_map__value_size(const struct bpf_map *map)`
  public static int mapValueSize(MemorySegment map) {
    return (int) call(VALUE_SIZE, map.address());
  }

  /// `__u32 bpf_map__max_entries(const struct bpf_map *map)`
  public static int mapMaxEntries(MemorySegment map) {
    return (int) call(MAX_ENTRIES, map.address());
  }

  /// `int bpf_map__set_max_entries(struct bpf_map *map, __u32 max_entries)`
  public static int mapSetMaxEntries(MemorySegment map, int maxEntries) {
    return (int) call(SET_MAX_ENTRIES, map.address(), maxEntries);
  }

  /// `int libbpf_probe_bpf_prog_type(enum bpf_prog_type prog_type, const void *opts)`; 1 for yes.
  public static int probeProgType(int type) {
    return (int) call(PROBE_PROG_TYPE, type, 0);
  }

  /// `int libbpf_probe_bpf_map_type(enum bpf_map_type map_type, const void *opts)`; 1 for yes.
  public static int probeMapType(int type) {
    return (int) call(PROBE_MAP_TYPE, type, 0);
  }

  /// `int libbpf_probe_bpf_helper(enum bpf_prog_type prog_type, enum bpf_func_id helper_id, const
  /// void *opts)`; 1 for yes.
  public static int probeHelper(int progType, int helper) {
    return (int) call(PROBE_HELPER, progType, helper, 0);
  }

  private static MemorySegment pointer(long address) {
    return MemorySegment.ofAddress(address);
  }
}
