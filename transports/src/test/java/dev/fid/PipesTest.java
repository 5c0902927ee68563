package dev.fid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.Echo;
import dev.fid.testkit.PingPong;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PipesTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private Echo echo;
  private Fid fid;

  @BeforeEach
  @SuppressWarnings("MustBeClosedChecker") // closed after each test
  void open() throws IOException {
    echo = Echo.listen(Addresses.tcp());
    fid = Fid.open(FidOptions.defaults().withLoops(1));
  }

  @AfterEach
  void close() throws IOException {
    fid.close();
    echo.close();
  }

  private Pipes pipes(PipeSpec... specs) {
    return new Pipes(fid, List.of(specs));
  }

  private PipeSpec toEcho(String name) {
    return Front.to(name, echo.address()).build();
  }

  private static void talk(Pipe pipe) throws IOException, InterruptedException {
    try (PingPong client = PingPong.open(Front.of(pipe), 1)) {
      client.talk(3, 100, LONG).assertClean();
    }
  }

  @Test
  void startsEveryPipeAndStopsThem() throws Exception {
    Pipes pipes = pipes(toEcho("one"), toEcho("two"));
    assertThat(pipes.bound()).isEmpty();
    pipes.start();
    assertThat(pipes.bound()).extracting(pipe -> pipe.spec().name()).containsExactly("one", "two");
    assertThat(fid.pipes()).isEqualTo(pipes.bound());
    for (Pipe pipe : pipes.bound()) {
      talk(pipe);
    }
    pipes.stop(LONG).toCompletableFuture().join();
    for (Pipe pipe : pipes.bound()) {
      assertThatIOException().isThrownBy(() -> SocketChannel.open(Front.of(pipe)).close());
    }
  }

  @Test
  void bindsAllOrNone() throws Exception {
    SocketAddress free = freeAddress();
    PipeSpec first = at("first", free);
    Pipes pipes;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      PipeSpec second = at("second", taken.getLocalSocketAddress());
      pipes = pipes(first, second);
      assertThatIOException()
          .isThrownBy(pipes::start)
          .withMessageStartingWith("pipe second: listen on " + second.listen())
          .withMessageContaining("EADDRINUSE");
      assertThat(pipes.bound()).isEmpty();
      assertThat(fid.pipes()).isEmpty();
      assertThatIOException().isThrownBy(() -> SocketChannel.open(free).close());
      assertThat(echo.accepted()).isZero();
    }
    pipes.start();
    talk(pipes.bound().getFirst());
  }

  private static SocketAddress freeAddress() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalSocketAddress();
    }
  }

  private PipeSpec at(String name, SocketAddress listen) {
    return PipeSpec.builder(name)
        .listen(Front.uri(listen))
        .connect(Front.uri(echo.address()))
        .build();
  }

  @Test
  void acceptsNothingBeforeItIsStarted() throws Exception {
    Pipes pipes = pipes(toEcho("one"));
    pipes.bind();
    Pipe pipe = pipes.bound().getFirst();
    try (PingPong early = PingPong.open(Front.of(pipe), 1)) {
      try (PingPong direct = PingPong.open(echo.address(), 1)) {
        direct.talk(1, 1, LONG).assertClean();
      }
      assertThat(echo.accepted()).as("the direct one alone").isEqualTo(1);
      assertThat(pipe.stats().live()).isZero();
      pipes.start();
      early.talk(1, 1, LONG).assertClean();
    }
  }

  @Test
  void letsConnectionsEndWhenItStops() throws Exception {
    Pipes pipes = pipes(toEcho("one"));
    pipes.start();
    CompletableFuture<Void> stopped;
    try (PingPong client = PingPong.open(Front.of(pipes.bound().getFirst()), 1)) {
      client.talk(1, 1, LONG).assertClean();
      stopped = pipes.stop(LONG).toCompletableFuture();
      client.talk(10, 1000, LONG).assertClean();
      assertThat(stopped).isNotDone();
    }
    stopped.join();
  }

  @Test
  void endsConnectionsAfterTheGrace() throws Exception {
    Pipes pipes = pipes(toEcho("one"));
    pipes.start();
    try (SocketChannel client = SocketChannel.open(Front.of(pipes.bound().getFirst()))) {
      client.write(ByteBuffer.wrap(new byte[] {1}));
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(1);
      pipes.stop(Duration.ofMillis(1)).toCompletableFuture().join();
      assertEnded(client);
    }
  }

  @Test
  void endsConnectionsWhenItIsClosed() throws Exception {
    Pipes pipes = pipes(toEcho("one"));
    pipes.start();
    try (SocketChannel client = SocketChannel.open(Front.of(pipes.bound().getFirst()))) {
      client.write(ByteBuffer.wrap(new byte[] {1}));
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(1);
      pipes.close();
      assertEnded(client);
    }
  }

  /// A reset, as TCP says that bytes may have been lost.
  private static void assertEnded(SocketChannel client) {
    assertThatIOException()
        .isThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .withMessageContaining("reset");
  }

  @Test
  void stopsWithoutHavingStarted() throws Exception {
    Pipes declared = pipes(toEcho("one"));
    declared.stop(LONG).toCompletableFuture().join();

    Pipes bound = pipes(toEcho("two"));
    bound.bind();
    InetSocketAddress front = (InetSocketAddress) Front.of(bound.bound().getFirst());
    bound.stop(LONG).toCompletableFuture().join();
    assertThatIOException().isThrownBy(() -> SocketChannel.open(front).close());
  }

  @Test
  void refusesMovesOutOfTurn() throws Exception {
    Pipes pipes = pipes(toEcho("one"));
    pipes.bind();
    assertThatIllegalStateException()
        .isThrownBy(pipes::bind)
        .withMessage("cannot bind pipes that are BOUND");
    pipes.start();
    assertThatIllegalStateException()
        .isThrownBy(pipes::start)
        .withMessage("cannot start pipes that are RUNNING");
    pipes.close();
    pipes.close();
    pipes.stop(LONG).toCompletableFuture().join();
    assertThatIllegalStateException()
        .isThrownBy(pipes::start)
        .withMessage("cannot start pipes that are STOPPED");
    assertThatIllegalStateException()
        .isThrownBy(pipes::bind)
        .withMessage("cannot bind pipes that are STOPPED");
  }
}
