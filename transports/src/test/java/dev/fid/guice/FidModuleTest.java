package dev.fid.guice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.inject.AbstractModule;
import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import com.google.inject.spi.Elements;
import com.google.inject.spi.Message;
import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.Front;
import dev.fid.Pipes;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.splice.HalfClose;
import dev.fid.splice.KernelPath;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.Echo;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.PingPong;
import dev.fid.transport.tcp.TcpTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FidModuleTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private Echo echo;

  @BeforeEach
  void listen() throws IOException {
    echo = Echo.listen(Addresses.tcp());
  }

  @AfterEach
  void close() throws IOException {
    echo.close();
  }

  /// Declares one pipe to the echo.
  private final class OnePipe extends FidModule {
    private final String name;

    OnePipe(String name) {
      this.name = name;
    }

    @Override
    protected void configurePipes() {
      pipe(name)
          .listen("tcp://127.0.0.1:0")
          .connect(Front.uri(echo.address()))
          .halfClose(HalfClose.END);
    }
  }

  private static void talk(Pipe pipe) throws IOException, InterruptedException {
    try (PingPong client = PingPong.open(Front.of(pipe), 2)) {
      client.talk(5, 1000, LONG).assertClean();
    }
  }

  @Test
  void runsThePipesOfSeveralModules() throws Exception {
    Injector injector =
        Guice.createInjector(
            new OnePipe("web"),
            new AbstractModule() {
              @Override
              protected void configure() {
                install(new OnePipe("api"));
              }
            });
    Pipes pipes = injector.getInstance(Pipes.class);
    try (Fid fid = injector.getInstance(Fid.class)) {
      pipes.start();
      assertThat(pipes.bound()).extracting(p -> p.spec().name()).containsExactly("web", "api");
      assertThat(fid.pipes()).isEqualTo(pipes.bound());
      assertThat(pipes.bound().getFirst().spec().halfClose()).isEqualTo(HalfClose.END);
      for (Pipe pipe : pipes.bound()) {
        talk(pipe);
      }
      pipes.stop(LONG).toCompletableFuture().join();
    }
  }

  @Test
  void injectsOneInstance() {
    Injector injector = Guice.createInjector(new FidModule(), new FidModule());
    try (Fid fid = injector.getInstance(Fid.class)) {
      assertThat(injector.getInstance(Fid.class)).isSameAs(fid);
      assertThat(injector.getInstance(Pipes.class)).isSameAs(injector.getInstance(Pipes.class));
    }
  }

  @Test
  void letsTwoInjectorsLiveSideBySide() throws Exception {
    Module module = new OnePipe("web");
    Injector one = Guice.createInjector(module);
    Injector other = Guice.createInjector(module);
    Pipes left = one.getInstance(Pipes.class);
    Pipes right = other.getInstance(Pipes.class);
    try (Fid second = other.getInstance(Fid.class)) {
      right.start();
      try (Fid first = one.getInstance(Fid.class)) {
        assertThat(first).isNotSameAs(second);
        left.start();
        talk(left.bound().getFirst());
      }
      talk(right.bound().getFirst());
      assertThat(right.bound().getFirst().stats().upstream().bytes()).isEqualTo(2 * 5 * 1000);
    }
  }

  @Test
  void opensNothingUntilItIsAsked() throws Exception {
    OpenFiles before = OpenFiles.self();
    Elements.getElements(new OnePipe("web"));
    Guice.createInjector(Stage.DEVELOPMENT, new OnePipe("web"));
    assertThat(OpenFiles.self().moreThan(before)).isEmpty();
  }

  @Test
  void opensWithTheOptionsThatAreBound() {
    Injector injector =
        Guice.createInjector(
            new FidModule() {
              @Override
              protected void configurePipes() {
                bindOptions().toInstance(FidOptions.defaults().withKernel(false));
              }
            });
    try (Fid fid = injector.getInstance(Fid.class)) {
      assertThat(fid.kernelPath())
          .isEqualTo(new KernelPath.Unavailable("the kernel path is switched off"));
    }
  }

  @Test
  void prefersATransportThatIsBound() throws Exception {
    AtomicInteger lookedUp = new AtomicInteger();
    TcpTransport own =
        new TcpTransport(host -> {
          lookedUp.incrementAndGet();
          return new InetAddress[] {InetAddress.getLoopbackAddress()};
        });
    PipeSpec spec = Front.to("web", echo.address()).listen("tcp://front.invalid:0").build();
    Injector injector =
        Guice.createInjector(
            new FidModule() {
              @Override
              protected void configurePipes() {
                bindTransport().toInstance(own);
                pipe(spec);
              }
            });
    try (Fid _ = injector.getInstance(Fid.class)) {
      Pipes pipes = injector.getInstance(Pipes.class);
      pipes.bind();
      assertThat(pipes.bound().getFirst().spec()).isSameAs(spec);
    }
    assertThat(lookedUp).hasPositiveValue();
  }

  @Test
  void refusesTwoTransportsOfAFamily() {
    Injector injector =
        Guice.createInjector(
            new FidModule() {
              @Override
              protected void configurePipes() {
                bindTransport().toInstance(new TcpTransport());
                bindTransport().toInstance(new TcpTransport());
              }
            });
    ProvisionException failure =
        catchThrowableOfType(
            ProvisionException.class, () -> injector.getInstance(Fid.class).close());
    assertThat(failure.getCause()).hasMessageStartingWith("two transports for tcp://");
  }

  @Test
  void reportsEverythingThatIsWrongAtOnceAndWhere() {
    CreationException failure =
        catchThrowableOfType(
            CreationException.class,
            () ->
                Guice.createInjector(
                    new FidModule() {
                      @Override
                      protected void configurePipes() {
                        forgetful(pipe("api"));
                      }
                    },
                    new BadModule()));

    List<String> messages = failure.getErrorMessages().stream().map(Message::getMessage).toList();
    assertThat(messages).hasSize(3);
    assertThat(messages.get(0)).isEqualTo("pipe 'api': connect is missing");
    assertThat(messages.get(1))
        .startsWith("pipe 'web': listen: address 'tcp://127.0.0.1' has no port")
        .contains("; connect: address 'unix://@' has no name");
    assertThat(messages.get(2))
        .startsWith("pipe '100%': its name does not match")
        .endsWith("; backlog 0 is not in 1..4096");
    assertThat(failure.getErrorMessages())
        .extracting(Message::getSource)
        .satisfiesExactly(
            first -> assertThat(first).contains(".configurePipes(FidModuleTest.java:"),
            second -> assertThat(second).contains("BadModule.declareTwo(FidModuleTest.java:"),
            third -> assertThat(third).contains("BadModule.declareTwo(FidModuleTest.java:"));
  }

  private static void forgetful(PipeSpec.Builder pipe) {
    pipe.listen("tcp://127.0.0.1:0");
  }

  /// Declares in a method of its own.
  private static final class BadModule extends FidModule {
    @Override
    protected void configurePipes() {
      declareTwo();
    }

    private void declareTwo() {
      pipe("web").listen("tcp://127.0.0.1").connect("unix://@");
      pipe("100%").listen("unix://@a").connect("unix://@b").backlog(0);
    }
  }

  @Test
  void reportsANameThatTwoModulesUse() {
    CreationException failure =
        catchThrowableOfType(
            CreationException.class,
            () ->
                Guice.createInjector(
                    new OnePipe("web"),
                    new FidModule() {
                      @Override
                      protected void configurePipes() {
                        pipe("web").listen("tcp://127.0.0.1:1").connect("tcp://127.0.0.1:2");
                      }
                    }));
    assertThat(failure)
        .hasMessageContaining("Duplicate key \"web\"")
        .message()
        .containsPattern("FidModuleTest.OnePipe.configurePipes.FidModuleTest.java:\\d+")
        .containsPattern("FidModuleTest.\\d+.configurePipes.FidModuleTest.java:\\d+");
  }
}
