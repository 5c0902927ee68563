package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The C library's own names of errors (glibc 2.32), to hold Fid's against.
public final class ErrorNames {
  private static final MethodHandle STRERRORNAME_NP =
      Native.downcall(Native.libc(), "strerrorname_np", FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private ErrorNames() {}

  public static Optional<String> ofC(int errno) {
    try {
      MemorySegment name = (MemorySegment) STRERRORNAME_NP.invokeExact(Native.state(), errno);
      return name.equals(MemorySegment.NULL)
          ? Optional.empty()
          : Optional.of(name.reinterpret(64).getString(0));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
