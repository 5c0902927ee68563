package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.stream.Stream;

/// The one door to native code: every function that Fid calls is linked here.
///
/// errno is captured by the linker in the call itself, because the JVM may change it before the
/// next line of Java runs. [#answer] gives `-errno` in place of -1; where a function gives a
/// pointer, [#errno()] says why it is null.
final class Native {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO = STATE.byteOffset(PathElement.groupElement("errno"));

  /// Where the linker leaves errno: one per thread, so that a call allocates nothing.
  private static final ThreadLocal<MemorySegment> CAPTURED =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private Native() {}

  /// The C library that the JVM itself runs on.
  static SymbolLookup libc() {
    return LINKER.defaultLookup();
  }

  /// Links `name`. The handle takes [#state()] first, and then just what `function` says.
  ///
  /// Nothing is folded around it: each method handle that the JVM has not seen costs the start of
  /// the process a class or two, which are made at run time.
  static MethodHandle downcall(
      SymbolLookup library, String name, FunctionDescriptor function, Linker.Option... options) {
    MemorySegment symbol =
        library
            .find(name)
            .orElseThrow(
                () -> new UnsatisfiedLinkError(name + ": no such function in the library"));
    Linker.Option[] all =
        Stream.concat(Stream.of(options), Stream.of(Linker.Option.captureCallState("errno")))
            .toArray(Linker.Option[]::new);
    return LINKER.downcallHandle(symbol, function, all);
  }

  /// Links the function at `symbol` and captures nothing.
  static MethodHandle plain(MemorySegment symbol, FunctionDescriptor function) {
    return LINKER.downcallHandle(symbol, function);
  }

  /// A pointer to a static Java method, for C to call as long as the process lives.
  static MemorySegment upcall(MethodHandle method, FunctionDescriptor function) {
    return LINKER.upcallStub(method, function, Arena.global());
  }

  /// A string of C's, which may be NULL.
  static String string(MemorySegment pointer) {
    return pointer.address() == 0 ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /// errno as the last call of this thread left it.
  static int errno() {
    return state().get(JAVA_INT, ERRNO);
  }

  /// A linked function throws nothing: what comes out is a bug of Fid's, unless the library is
  /// missing.
  static AssertionError unexpected(Throwable thrown) {
    if (thrown instanceof UnsatisfiedLinkError missing) {
      throw missing;
    }
    return new AssertionError("a native call threw", thrown);
  }

  /// Where the linker leaves errno for this thread.
  static MemorySegment state() {
    return CAPTURED.get();
  }

  /// What a function answered, or -errno in place of -1.
  static int answer(int result) {
    return result == -1 ? -errno() : result;
  }

  /// The same of a long.
  static long answer(long result) {
    return result == -1 ? -errno() : result;
  }
}
