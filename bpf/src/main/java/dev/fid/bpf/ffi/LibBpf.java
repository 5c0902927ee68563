package dev.fid.bpf.ffi;

import static dev.fid.bpf.ffi.Native.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
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

  private static final MethodHandle MAJOR = LIBRARY.function("libbpf_major_version", JAVA_INT);
  private static final MethodHandle MINOR = LIBRARY.function("libbpf_minor_version", JAVA_INT);
  private static final MethodHandle SET_PRINT =
      LIBRARY.function("libbpf_set_print", ADDRESS, ADDRESS);
  private static final MethodHandle OPEN_MEM =
      LIBRARY.errnoFunction("bpf_object__open_mem", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle LOAD = LIBRARY.function("bpf_object__load", JAVA_INT, ADDRESS);
  private static final MethodHandle CLOSE = LIBRARY.procedure("bpf_object__close", ADDRESS);
  private static final MethodHandle OBJECT_BTF =
      LIBRARY.function("bpf_object__btf", ADDRESS, ADDRESS);
  private static final MethodHandle FIND_PROGRAM =
      LIBRARY.function("bpf_object__find_program_by_name", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle FIND_MAP =
      LIBRARY.function("bpf_object__find_map_by_name", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle NEXT_MAP =
      LIBRARY.function("bpf_object__next_map", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle NEXT_PROGRAM =
      LIBRARY.function("bpf_object__next_program", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle PROGRAM_NAME =
      LIBRARY.function("bpf_program__name", ADDRESS, ADDRESS);
  private static final MethodHandle PROGRAM_FD =
      LIBRARY.function("bpf_program__fd", JAVA_INT, ADDRESS);
  private static final MethodHandle SET_LOG_BUF =
      LIBRARY.function("bpf_program__set_log_buf", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle SET_LOG_LEVEL =
      LIBRARY.function("bpf_program__set_log_level", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle MAP_NAME = LIBRARY.function("bpf_map__name", ADDRESS, ADDRESS);
  private static final MethodHandle MAP_FD = LIBRARY.function("bpf_map__fd", JAVA_INT, ADDRESS);
  private static final MethodHandle MAP_TYPE = LIBRARY.function("bpf_map__type", JAVA_INT, ADDRESS);
  private static final MethodHandle MAP_FLAGS =
      LIBRARY.function("bpf_map__map_flags", JAVA_INT, ADDRESS);
  private static final MethodHandle KEY_SIZE =
      LIBRARY.function("bpf_map__key_size", JAVA_INT, ADDRESS);
  private static final MethodHandle VALUE_SIZE =
      LIBRARY.function("bpf_map__value_size", JAVA_INT, ADDRESS);
  private static final MethodHandle MAX_ENTRIES =
      LIBRARY.function("bpf_map__max_entries", JAVA_INT, ADDRESS);
  private static final MethodHandle SET_MAX_ENTRIES =
      LIBRARY.function("bpf_map__set_max_entries", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle PROBE_PROG_TYPE =
      LIBRARY.function("libbpf_probe_bpf_prog_type", JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle PROBE_MAP_TYPE =
      LIBRARY.function("libbpf_probe_bpf_map_type", JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle PROBE_HELPER =
      LIBRARY.function("libbpf_probe_bpf_helper", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);

  static {
    if (LIBRARY.missing().isEmpty()) {
      pointer(SET_PRINT, Messages.printer());
    }
  }

  private LibBpf() {}

  /// Why libbpf cannot be called and what to do about it; empty where it can.
  public static Optional<String> missing() {
    return LIBRARY.missing();
  }

  /// `__u32 libbpf_major_version(void)`
  public static int majorVersion() {
    return integer(MAJOR);
  }

  /// `__u32 libbpf_minor_version(void)`
  public static int minorVersion() {
    return integer(MINOR);
  }

  /// `struct bpf_object *bpf_object__open_mem(const void *obj_buf, size_t obj_buf_sz, const struct
  /// bpf_object_open_opts *opts)`; the address, or -errno.
  public static long objectOpenMem(MemorySegment image, MemorySegment options) {
    try {
      var object = (MemorySegment) OPEN_MEM.invokeExact(image, image.byteSize(), options);
      return object.address() == 0 ? -Native.errno() : object.address();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_object__load(struct bpf_object *obj)`; `heard` receives libbpf's messages.
  public static int objectLoad(MemorySegment object, StringBuilder heard) {
    return Messages.heard(heard, () -> integer(LOAD, object));
  }

  /// `void bpf_object__close(struct bpf_object *object)`
  public static void objectClose(MemorySegment object) {
    try {
      CLOSE.invokeExact(object);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `struct btf *bpf_object__btf(const struct bpf_object *obj)`
  public static MemorySegment objectBtf(MemorySegment object) {
    return pointer(OBJECT_BTF, object);
  }

  /// `struct bpf_program *bpf_object__find_program_by_name(const struct bpf_object *obj, const char
  /// *name)`
  public static MemorySegment objectFindProgramByName(MemorySegment object, MemorySegment name) {
    return pointer(FIND_PROGRAM, object, name);
  }

  /// `struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *obj, const char *name)`
  public static MemorySegment objectFindMapByName(MemorySegment object, MemorySegment name) {
    return pointer(FIND_MAP, object, name);
  }

  /// `struct bpf_map *bpf_object__next_map(const struct bpf_object *obj, const struct bpf_map
  /// *map)`
  public static MemorySegment objectNextMap(MemorySegment object, MemorySegment map) {
    return pointer(NEXT_MAP, object, map);
  }

  /// `struct bpf_program *bpf_object__next_program(const struct bpf_object *obj, struct bpf_program
  /// *prog)`
  public static MemorySegment objectNextProgram(MemorySegment object, MemorySegment program) {
    return pointer(NEXT_PROGRAM, object, program);
  }

  /// `const char *bpf_program__name(const struct bpf_program *prog)`
  public static String programName(MemorySegment program) {
    return Native.string(pointer(PROGRAM_NAME, program));
  }

  /// `int bpf_program__fd(const struct bpf_program *prog)`
  public static int programFd(MemorySegment program) {
    return integer(PROGRAM_FD, program);
  }

  /// `int bpf_program__set_log_buf(struct bpf_program *prog, char *log_buf, size_t log_size)`
  public static int programSetLogBuf(MemorySegment program, MemorySegment buffer) {
    try {
      return (int) SET_LOG_BUF.invokeExact(program, buffer, buffer.byteSize());
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int bpf_program__set_log_level(struct bpf_program *prog, __u32 log_level)`
  public static int programSetLogLevel(MemorySegment program, int level) {
    return integer(SET_LOG_LEVEL, program, level);
  }

  /// `const char *bpf_map__name(const struct bpf_map *map)`
  public static String mapName(MemorySegment map) {
    return Native.string(pointer(MAP_NAME, map));
  }

  /// `int bpf_map__fd(const struct bpf_map *map)`
  public static int mapFd(MemorySegment map) {
    return integer(MAP_FD, map);
  }

  /// `enum bpf_map_type bpf_map__type(const struct bpf_map *map)`
  public static int mapType(MemorySegment map) {
    return integer(MAP_TYPE, map);
  }

  /// `__u32 bpf_map__map_flags(const struct bpf_map *map)`
  public static int mapFlags(MemorySegment map) {
    return integer(MAP_FLAGS, map);
  }

  /// `__u32 bpf_map__key_size(const struct bpf_map *map)`
  public static int mapKeySize(MemorySegment map) {
    return integer(KEY_SIZE, map);
  }

  /// `__u32 bpf_map__value_size(const struct bpf_map *map)`
  public static int mapValueSize(MemorySegment map) {
    return integer(VALUE_SIZE, map);
  }

  /// `__u32 bpf_map__max_entries(const struct bpf_map *map)`
  public static int mapMaxEntries(MemorySegment map) {
    return integer(MAX_ENTRIES, map);
  }

  /// `int bpf_map__set_max_entries(struct bpf_map *map, __u32 max_entries)`
  public static int mapSetMaxEntries(MemorySegment map, int maxEntries) {
    return integer(SET_MAX_ENTRIES, map, maxEntries);
  }

  /// `int libbpf_probe_bpf_prog_type(enum bpf_prog_type prog_type, const void *opts)`; 1 for yes.
  public static int probeProgType(int type) {
    return integer(PROBE_PROG_TYPE, type, MemorySegment.NULL);
  }

  /// `int libbpf_probe_bpf_map_type(enum bpf_map_type map_type, const void *opts)`; 1 for yes.
  public static int probeMapType(int type) {
    return integer(PROBE_MAP_TYPE, type, MemorySegment.NULL);
  }

  /// `int libbpf_probe_bpf_helper(enum bpf_prog_type prog_type, enum bpf_func_id helper_id, const
  /// void *opts)`; 1 for yes.
  public static int probeHelper(int progType, int helper) {
    return integer(PROBE_HELPER, progType, helper, MemorySegment.NULL);
  }

  private static int integer(MethodHandle function, Object... arguments) {
    try {
      return (int) function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static MemorySegment pointer(MethodHandle function, Object... arguments) {
    try {
      return (MemorySegment) function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}
