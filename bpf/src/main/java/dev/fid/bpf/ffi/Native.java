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
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.stream.Stream;

/// The one door to native code: every function that Fid calls is linked here.
///
/// errno is captured by the linker in the call itself, because the JVM may change it before the
/// next line of Java runs. A function that answers -1 (as `int` or `long`) gives `-errno` instead.
/// One that answers a pointer gives that pointer, and [#errno()] says why it is null.
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

  /// Links `name`. The handle takes and gives just what `function` says.
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
    MethodHandle capturing = answerErrno(LINKER.downcallHandle(symbol, function, all));
    return MethodHandles.foldArguments(capturing, own("captured", MemorySegment.class));
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
    return captured().get(JAVA_INT, ERRNO);
  }

  /// A linked function throws nothing: what comes out is a bug of Fid's, unless the library is
  /// missing.
  static AssertionError unexpected(Throwable thrown) {
    if (thrown instanceof UnsatisfiedLinkError missing) {
      throw missing;
    }
    return new AssertionError("a native call threw", thrown);
  }

  /// (state, arguments...) -> result: the same, with -1 replaced by -errno.
  private static MethodHandle answerErrno(MethodHandle call) {
    Class<?> result = call.type().returnType();
    if (result != int.class && result != long.class) {
      return call;
    }
    MethodHandle answer = own("answer", result, result, MemorySegment.class);
    return MethodHandles.foldArguments(
        MethodHandles.dropArguments(
            answer, 2, call.type().parameterList().subList(1, call.type().parameterCount())),
        call);
  }

  private static MethodHandle own(String name, Class<?> result, Class<?>... parameters) {
    try {
      return MethodHandles.lookup()
          .findStatic(Native.class, name, MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(name, e);
    }
  }

  private static MemorySegment captured() {
    return CAPTURED.get();
  }

  @SuppressWarnings("UnusedMethod") // by answerErrno
  private static int answer(int result, MemorySegment state) {
    return result == -1 ? -state.get(JAVA_INT, ERRNO) : result;
  }

  @SuppressWarnings("UnusedMethod") // by answerErrno
  private static long answer(long result, MemorySegment state) {
    return result == -1 ? -state.get(JAVA_INT, ERRNO) : result;
  }
}
