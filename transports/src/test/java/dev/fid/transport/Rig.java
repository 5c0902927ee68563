package dev.fid.transport;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.splice.Endpoint;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// An event loop for each test, what the test opened, and the count of descriptors before and after
/// the class.
public final class Rig
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  public static final Duration LONG = Duration.ofSeconds(30);
  public static final ListenOptions DEFAULT = new ListenOptions(128, null);

  private final Queue<Endpoint> endpoints = new ConcurrentLinkedQueue<>();
  private final Queue<Transport.Listener> listeners = new ConcurrentLinkedQueue<>();
  private List<String> before = List.of();
  private IoEventLoop loop = newLoop();

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    stop();
    // The JDK opens descriptors of its own at first use and keeps them.
    ServerSocketChannel.open(StandardProtocolFamily.UNIX).close();
    ServerSocketChannel.open().close();
    InetAddress.getAllByName("localhost");
    before = sockets();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    loop = newLoop();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    listeners.forEach(Transport.Listener::close);
    listeners.clear();
    stop();
    endpoints.forEach(endpoint -> Fds.close(endpoint.fd()));
    endpoints.clear();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!more().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
    assertThat(more()).as("descriptors left open").isEmpty();
  }

  /// What was not open before. What was may have gone: an earlier test's thread closes what it was
  /// blocked in.
  private List<String> more() throws IOException {
    List<String> more = new ArrayList<>(sockets());
    before.forEach(more::remove); // once each: those of a kind may have the same name
    return more;
  }

  public IoEventLoop loop() {
    return loop;
  }

  /// Ends the loop as an application does that shuts down.
  public void stop() {
    beginStop().awaitUninterruptibly();
  }

  @CanIgnoreReturnValue
  Future<?> beginStop() {
    return loop.parent().shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  /// A listener that the rig closes.
  public Transport.Listener listen(Transport transport, Address address) throws IOException {
    return listen(transport, address, DEFAULT);
  }

  @SuppressWarnings("MustBeClosedChecker") // closed after each test
  public Transport.Listener listen(Transport transport, Address address, ListenOptions options)
      throws IOException {
    Transport.Listener listener = transport.listen(address, options);
    listeners.add(listener);
    return listener;
  }

  /// Starts the listener; what it accepts is the rig's to close.
  public BlockingQueue<Endpoint> accept(Transport.Listener listener) {
    BlockingQueue<Endpoint> accepted = new LinkedBlockingQueue<>();
    listener.start(loop, endpoint -> accepted.add(own(endpoint)));
    return accepted;
  }

  public CompletableFuture<Endpoint> connect(
      Transport transport, Address address, Duration timeout) {
    CompletableFuture<Endpoint> result = new CompletableFuture<>();
    loop.execute(() -> transport.connect(address, timeout, loop, answer(result)));
    return result;
  }

  public Endpoint connect(Transport transport, Address address) throws Exception {
    return connect(transport, address, LONG).get();
  }

  /// Completes once; a second answer fails the test that waits for it.
  public Transport.ConnectHandler answer(CompletableFuture<Endpoint> result) {
    return new Transport.ConnectHandler() {
      @Override
      public void connected(Endpoint endpoint) {
        assertThat(loop.inEventLoop()).isTrue();
        if (!result.complete(own(endpoint))) {
          throw new IllegalStateException("a second answer");
        }
      }

      @Override
      public void failed(IOException reason) {
        if (!result.completeExceptionally(reason)) {
          throw new IllegalStateException("a second answer", reason);
        }
      }
    };
  }

  public Endpoint own(Endpoint endpoint) {
    endpoints.add(endpoint);
    return endpoint;
  }

  /// Sends each way, and back.
  public static void assertJoined(Endpoint one, Endpoint other) throws InterruptedException {
    assertThat(carry(one, other, (byte) 17)).isEqualTo((byte) 17);
    assertThat(carry(other, one, (byte) 42)).isEqualTo((byte) 42);
  }

  private static byte carry(Endpoint from, Endpoint to, byte value) throws InterruptedException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(1);
      buffer.set(JAVA_BYTE, 0, value);
      assertThat(Fds.send(from.fd(), buffer)).isEqualTo(1);
      buffer.fill((byte) 0);
      long got = Fds.recv(to.fd(), buffer);
      while (got == -Errno.EAGAIN) {
        Thread.sleep(1);
        got = Fds.recv(to.fd(), buffer);
      }
      assertThat(got).isEqualTo(1);
      return buffer.get(JAVA_BYTE, 0);
    }
  }

  private static IoEventLoop newLoop() {
    return new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next();
  }

  /// Sockets, epoll instances, timers: everything but files.
  public static List<String> sockets() throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.map(Rig::target).filter(target -> !target.startsWith("/")).sorted().toList();
    }
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return "/gone";
    }
  }
}
