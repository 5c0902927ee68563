package dev.fid.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
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

  MethodHandle function(String function, MemoryLayout result, MemoryLayout... parameters) {
    return link(function, FunctionDescriptor.of(result, parameters));
  }

  MethodHandle procedure(String function, MemoryLayout... parameters) {
    return link(function, FunctionDescriptor.ofVoid(parameters));
  }

  /// Like [#function], with a first parameter that receives errno.
  MethodHandle errnoFunction(String function, MemoryLayout result, MemoryLayout... parameters) {
    return link(
        function,
        FunctionDescriptor.of(result, parameters),
        Linker.Option.captureCallState("errno"));
  }

  private MethodHandle link(String function, FunctionDescriptor type, Linker.Option... options) {
    var address = symbols.flatMap(library -> library.find(function));
    if (address.isPresent()) {
      return BpfNative.LINKER.downcallHandle(address.get(), type, options);
    }
    MethodType methodType = type.toMethodType();
    if (options.length > 0) {
      methodType = methodType.insertParameterTypes(0, java.lang.foreign.MemorySegment.class);
    }
    return thrower(
        methodType,
        missing().orElse("%s has no function %s: %s".formatted(name, function, advice)));
  }

  private static MethodHandle thrower(MethodType type, String message) {
    var thrower =
        MethodHandles.throwException(type.returnType(), UnsatisfiedLinkError.class)
            .bindTo(new UnsatisfiedLinkError(message));
    return MethodHandles.dropArguments(thrower, 0, type.parameterList());
  }
}
