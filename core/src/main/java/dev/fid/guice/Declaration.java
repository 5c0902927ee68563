package dev.fid.guice;

import com.google.inject.Binder;
import dev.fid.pipe.PipeSpec;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// A pipe that a module declares, and where in the source it does.
record Declaration(String name, Supplier<PipeSpec> spec, StackTraceElement source) {
  /// Declared by whoever has called [FidModule].
  static Declaration here(String name, Supplier<PipeSpec> spec) {
    return new Declaration(name, spec, StackWalker.getInstance().walk(Declaration::caller));
  }

  private static StackTraceElement caller(Stream<StackWalker.StackFrame> frames) {
    return frames
        .filter(frame -> !frame.getClassName().equals(Declaration.class.getName()))
        .filter(frame -> !frame.getClassName().equals(FidModule.class.getName()))
        .findFirst()
        .orElseThrow()
        .toStackTraceElement();
  }

  /// Binds the spec under its name, or reports what is wrong with it.
  void bind(Binder binder) {
    Binder here = binder.withSource(source);
    try {
      PipeSpec good = spec.get();
      FidWiring.pipes(here).addBinding(name).toInstance(good);
    } catch (IllegalArgumentException e) {
      here.addError("%s", e.getMessage());
    }
  }
}
