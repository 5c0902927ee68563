package dev.fid.guice;

import com.google.inject.AbstractModule;
import com.google.inject.binder.LinkedBindingBuilder;
import dev.fid.FidOptions;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.Transport;
import java.util.ArrayList;
import java.util.List;

/// Binds [dev.fid.Fid] and [dev.fid.Pipes], both singletons, and the pipes that it declares.
///
/// ```java
/// install(
///     new FidModule() {
///       @Override
///       protected void configurePipes() {
///         pipe("web")
///             .listen("tcp://127.0.0.1:8080")
///             .connect("unix:///run/app.sock")
///             .halfClose(HalfClose.END);
///       }
///     });
/// ```
///
/// Any number of modules may each declare pipes; they share one instance of Fid. Whatever is wrong
/// with the declarations is reported when the injector is created, all of it, with the line of each
/// declaration; so is a name that two of them have. Nothing is bound to an address before
/// [dev.fid.Pipes#start()]. The application closes Fid when it ends.
///
/// Transports are those that [java.util.ServiceLoader] finds, unless one is bound for their family.
public class FidModule extends AbstractModule {
  private final List<Declaration> declarations = new ArrayList<>();

  @Override
  protected final void configure() {
    install(new FidWiring());
    declarations.clear();
    configurePipes();
    declarations.forEach(declaration -> declaration.bind(binder()));
  }

  /// Declares pipes; called while the injector is created. To be overridden: a plain `FidModule`
  /// has none.
  protected void configurePipes() {}

  /// Declares a pipe of this name. What is returned is to be told at least where to listen and
  /// where to connect; it is built when [#configurePipes()] has returned.
  protected final PipeSpec.Builder pipe(String name) {
    PipeSpec.Builder spec = PipeSpec.builder(name);
    declarations.add(Declaration.here(name, spec::build));
    return spec;
  }

  /// Declares a pipe whose spec is there already, from a pipe file for one.
  protected final void pipe(PipeSpec spec) {
    declarations.add(Declaration.here(spec.name(), () -> spec));
  }

  /// Binds the options with which Fid is opened, in place of the defaults. Once in an injector.
  protected final LinkedBindingBuilder<FidOptions> bindOptions() {
    return FidWiring.options(binder().skipSources(FidModule.class)).setBinding();
  }

  /// Binds one more transport, in place of an installed one of its family.
  protected final LinkedBindingBuilder<Transport> bindTransport() {
    return FidWiring.transports(binder().skipSources(FidModule.class)).addBinding();
  }
}
