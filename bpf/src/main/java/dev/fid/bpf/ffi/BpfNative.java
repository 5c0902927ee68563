package dev.fid.bpf.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// Makes method handles of C functions.
final class BpfNative {
  static final Linker LINKER = Linker.nativeLinker();
  static final SymbolLookup LIBC = LINKER.defaultLookup();

  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO_VALUE =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private BpfNative() {}

  static MethodHandle downcall(SymbolLookup library, String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(library.findOrThrow(name), type);
  }

  /// A downcall whose first parameter is a segment of [#captureSize] bytes that receives errno.
  static MethodHandle errnoDowncall(SymbolLookup library, String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(library.findOrThrow(name), type, ERRNO);
  }

  static MemoryLayout captureLayout() {
    return Linker.Option.captureStateLayout();
  }

  static int errno(MemorySegment captured) {
    return (int) ERRNO_VALUE.get(captured, 0L);
  }

  /// C's functions do not throw: whatever a downcall throws is a mistake in its binding.
  static AssertionError unexpected(Throwable thrown) {
    if (thrown instanceof UnsatisfiedLinkError missing) {
      throw missing;
    }
    return new AssertionError(thrown);
  }

  static String string(MemorySegment pointer) {
    return pointer.address() == 0 ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }

  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
}
