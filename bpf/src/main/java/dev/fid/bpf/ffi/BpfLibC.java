package dev.fid.bpf.ffi;

import static dev.fid.bpf.ffi.BpfNative.errno;
import static dev.fid.bpf.ffi.BpfNative.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The functions of libc that map the kernel's memory.
public final class BpfLibC {
  public static final int PROT_READ = 1;
  public static final int PROT_WRITE = 2;
  public static final int MAP_SHARED = 1;

  private static final MethodHandle MMAP =
      BpfNative.errnoDowncall(
          BpfNative.LIBC,
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      BpfNative.downcall(
          BpfNative.LIBC, "munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle GETPAGESIZE =
      BpfNative.downcall(BpfNative.LIBC, "getpagesize", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle STRERROR =
      BpfNative.downcall(
          BpfNative.LIBC, "strerrorname_np", FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private BpfLibC() {}

  /// `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)`, with addr
  /// NULL; the address, or -errno.
  public static long mmap(long length, int protection, int flags, int fd, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(BpfNative.captureLayout());
      var mapped =
          (MemorySegment)
              MMAP.invokeExact(state, MemorySegment.NULL, length, protection, flags, fd, offset);
      return mapped.address() == -1 ? -errno(state) : mapped.address();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int munmap(void *addr, size_t length)`
  public static int munmap(MemorySegment address, long length) {
    try {
      return (int) MUNMAP.invokeExact(address, length);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `int getpagesize(void)`
  public static int getpagesize() {
    try {
      return (int) GETPAGESIZE.invokeExact();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// `const char *strerrorname_np(int errnum)`
  public static String strerrorname(int errno) {
    try {
      return BpfNative.string((MemorySegment) STRERROR.invokeExact(errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}
