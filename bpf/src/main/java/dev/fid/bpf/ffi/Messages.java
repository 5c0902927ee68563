package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.IntSupplier;

/// What libbpf has to say goes to the thread that listens, and nowhere else.
///
/// libbpf has one print function a process, and calls it on the thread that called libbpf.
final class Messages {
  private static final int INFO = 1;
  private static final int LONGEST = 16 * 1024;
  private static final ScopedValue<StringBuilder> LISTENER = ScopedValue.newInstance();
  private static final MethodHandle VSNPRINTF =
      Native.plain(
          Native.libc().findOrThrow("vsnprintf"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

  private Messages() {}

  /// Adds to `heard` what libbpf says while `call` runs on this thread.
  static int heard(StringBuilder heard, IntSupplier call) {
    return ScopedValue.where(LISTENER, heard).call(call::getAsInt);
  }

  /// A `libbpf_print_fn_t` that lives as long as the process.
  static MemorySegment printer() {
    try {
      var type =
          MethodType.methodType(int.class, int.class, MemorySegment.class, MemorySegment.class);
      return Native.upcall(
          MethodHandles.lookup().findStatic(Messages.class, "print", type),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Messages.print is gone", e);
    }
  }

  /// `int print(enum libbpf_print_level level, const char *format, va_list ap)`. A va_list travels
  /// as an address on x86-64 and on arm64. An exception here would end the process.
  @SuppressWarnings({"unused", "CatchAndPrintStackTrace"})
  private static int print(int level, MemorySegment format, MemorySegment arguments) {
    if (level > INFO || !LISTENER.isBound()) {
      return 0;
    }
    try (var arena = Arena.ofConfined()) {
      var text = arena.allocate(LONGEST);
      int length = (int) VSNPRINTF.invokeExact(text, (long) LONGEST, format, arguments);
      LISTENER.get().append(text.getString(0));
      return length;
    } catch (Throwable e) {
      return -1;
    }
  }
}
