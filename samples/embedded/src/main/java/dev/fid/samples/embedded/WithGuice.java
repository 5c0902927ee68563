package dev.fid.samples.embedded;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import dev.fid.Fid;
import dev.fid.Pipes;
import dev.fid.guice.FidModule;
import dev.fid.pipe.Pipe;
import java.io.IOException;
import java.time.Duration;

/// Pipes by Guice: each module of an application declares its own, and one Fid runs them all.
public final class WithGuice {
  private WithGuice() {}

  public static void main(String[] args) throws IOException {
    try (Greeter backend = new Greeter()) {
      Injector injector = Guice.createInjector(new Shop(backend), new Blog(backend));
      try (Fid _ = injector.getInstance(Fid.class)) {
        Pipes pipes = injector.getInstance(Pipes.class);
        pipes.start();
        for (Pipe pipe : pipes.bound()) {
          String name = pipe.spec().name();
          System.out.println(name + ": " + Client.ask(pipe.listenAddress(), "Guice"));
        }
        pipes.stop(Duration.ofSeconds(5)).toCompletableFuture().join();
      }
    }
  }

  /// A module that is nothing but pipes.
  private static final class Shop extends FidModule {
    private final Greeter backend;

    Shop(Greeter backend) {
      this.backend = backend;
    }

    @Override
    protected void configurePipes() {
      pipe("shop").listen("tcp://127.0.0.1:0").connect(backend.uri());
    }
  }

  /// A module that has a pipe among other bindings.
  private static final class Blog extends AbstractModule {
    private final Greeter backend;

    Blog(Greeter backend) {
      this.backend = backend;
    }

    @Override
    protected void configure() {
      bind(String.class).toInstance("whatever else a blog needs");
      install(
          new FidModule() {
            @Override
            protected void configurePipes() {
              pipe("blog").listen("tcp://127.0.0.1:0").connect(backend.uri());
            }
          });
    }
  }
}
