package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Optional;

/// A shared library that may be missing: its functions then throw a sentence that says so.
///
/// So a class that holds the library's handles can always be initialised.
final class Library {
  private final String name;
  private final String advice;
  private final Optional<SymbolLookup> symbols;

  private Library(String name, String advice, Optional<SymbolLookup> symbols) {
    this.name = name;
    this.advice = advice;
    this.symbols = symbols;
  }

  static Library open(String name, String advice) {
    try {
      return new Library(
          name, advice, Optional.of(SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException e) {
      return new Library(name, advice, Optional.empty());
    }
  }

  /// Why the library cannot be used and what to do about it; empty where it can.
  Optional<String> missing() {
    return symbols.isPresent()
        ? Optional.empty()
        : Optional.of("the library %s is missing: %s".formatted(name, advice));
  }

  /// A function that takes so many pointers and integers, all of them passed as `long`, and gives
  /// one of them, or nothing: what it leaves is of no meaning then.
  ///
  /// x86-64 and arm64 pass both in registers of 64 bits, and a callee looks at as many of them as
  /// its type has. So functions of one number of arguments are of one shape. The JVM compiles code
  /// for each shape as it is linked, at a few milliseconds each.
  MethodHandle words(String function, int count) {
    var parameters = new MemoryLayout[count];
    Arrays.fill(parameters, JAVA_LONG);
    var type = FunctionDescriptor.of(JAVA_LONG, parameters);
    return find(function)
        .map(address -> Native.plain(address, type))
        .orElseGet(() -> thrower(function, type.toMethodType()));
  }

  /// The handle takes [Native#state()] first, and [Native#errno()] then says why a pointer is NULL.
  MethodHandle errnoFunction(String function, MemoryLayout result, MemoryLayout... parameters) {
    var type = FunctionDescriptor.of(result, parameters);
    return find(function)
        .map(_ -> Native.downcall(symbols.orElseThrow(), function, type))
        .orElseGet(() ->
            thrower(function, type.toMethodType().insertParameterTypes(0, MemorySegment.class)));
  }

  private Optional<MemorySegment> find(String function) {
    return symbols.flatMap(library -> library.find(function));
  }

  private MethodHandle thrower(String function, MethodType type) {
    String message =
        missing().orElse("%s has no function %s: %s".formatted(name, function, advice));
    var thrower =
        MethodHandles.throwException(type.returnType(), UnsatisfiedLinkError.class)
            .bindTo(new UnsatisfiedLinkError(message));
    return MethodHandles.dropArguments(thrower, 0, type.parameterList());
  }
}
