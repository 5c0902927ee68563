package dev.fid.guice;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.inject.Binder;
import com.google.inject.Module;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.Multibinder;
import com.google.inject.multibindings.OptionalBinder;
import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.Pipes;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.Transport;
import dev.fid.pipe.Transports;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// What the [FidModule]s of an injector share. All instances are equal, so Guice installs one.
record FidWiring() implements Module {
  @Override
  public void configure(Binder binder) {
    pipes(binder);
    transports(binder);
    options(binder).setDefault().toInstance(FidOptions.defaults());
  }

  static MapBinder<String, PipeSpec> pipes(Binder binder) {
    return MapBinder.newMapBinder(binder, String.class, PipeSpec.class);
  }

  static Multibinder<Transport> transports(Binder binder) {
    return Multibinder.newSetBinder(binder, Transport.class);
  }

  static OptionalBinder<FidOptions> options(Binder binder) {
    return OptionalBinder.newOptionalBinder(binder, FidOptions.class);
  }

  @Provides
  @Singleton
  @MustBeClosed
  Fid fid(FidOptions options, Set<Transport> transports) throws IOException {
    return Fid.open(options, Transports.withInstalled(transports));
  }

  @Provides
  @Singleton
  Pipes pipes(Fid fid, Map<String, PipeSpec> specs) {
    return new Pipes(fid, specs.values());
  }
}
