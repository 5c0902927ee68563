package dev.fid.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import dev.fid.transport.Connecting.State;
import dev.fid.transport.tcp.TcpTransport;
import dev.fid.transport.unix.UnixTransport;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Walks the moves of the diagram; what the messages say is tested with each transport.
class ConnectingTest {
  @RegisterExtension static final Rig rig = new Rig();

  private static final Duration SHORT = Duration.ofMillis(100);
  private static final ListenOptions NO_ROOM = new ListenOptions(0, null);

  private final TcpTransport tcp = new TcpTransport();
  private final UnixTransport unix = new UnixTransport();
  private final Address.Unix abstractName = new Address.Unix("@fid-test-" + UUID.randomUUID());
  private final CompletableFuture<Endpoint> result = new CompletableFuture<>();

  @Test
  void isNewUntilItIsStarted() throws Exception {
    assertThat(state(connecting(Rig.LONG))).isEqualTo(State.NEW);
  }

  @Test
  void newToConnected() throws Exception {
    Connecting connecting = connecting(Rig.LONG);

    start(connecting, name(rig.listen(tcp, new Address.Tcp("127.0.0.1", 0))));

    assertThat(state(connecting)).isEqualTo(State.DONE);
    assertThat(result.get().family()).isEqualTo(Family.TCP);
  }

  @Test
  void newToFailed() throws Exception {
    Connecting connecting = connecting(Rig.LONG);

    start(connecting, SocketName.unix("@nobody-" + UUID.randomUUID()));

    assertThat(state(connecting)).isEqualTo(State.DONE);
    assertThat(result).isCompletedExceptionally();
  }

  @Test
  void pendingToConnected() throws Exception {
    Transport.Listener full = fullTcp();
    Connecting connecting = connecting(Rig.LONG);
    start(connecting, name(full));
    assertThat(state(connecting)).isEqualTo(State.PENDING);

    rig.accept(full);

    assertThat(result.get()).isNotNull();
    assertThat(state(connecting)).isEqualTo(State.DONE);
  }

  @Test
  void pendingToTheNextName() throws Exception {
    Transport.Listener full = fullTcp();
    Transport.Listener second = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    Connecting connecting = connecting(Rig.LONG);
    start(connecting, name(full), name(second));
    assertThat(state(connecting)).isEqualTo(State.PENDING);

    full.close();

    assertThat(Sockets.peerName(result.get().fd())).isEqualTo(name(second));
  }

  @Test
  void pendingToFailed() throws Exception {
    Connecting connecting = connecting(SHORT);
    start(connecting, name(fullTcp()));

    assertThat(result).failsWithin(Rig.LONG);
    assertThat(state(connecting)).isEqualTo(State.DONE);
  }

  /// As the kernel does with vsock after 2 s.
  @Test
  void pendingToPendingWithAnotherSocket() throws Exception {
    Transport.Listener full = fullTcp();
    AtomicInteger asked = new AtomicInteger();
    Connecting connecting =
        new Connecting(
            full.address(),
            new Rules(null, 0, () -> asked.incrementAndGet() == 2 ? -Errno.ETIMEDOUT : 0),
            Rig.LONG,
            rig.loop(),
            rig.answer(result));
    start(connecting, name(full));
    assertThat(state(connecting)).isEqualTo(State.PENDING);

    rig.accept(full); // an event, at which the first socket is given up

    assertThat(Sockets.peerName(result.get().fd())).isEqualTo(name(full));
    assertThat(asked.get()).isGreaterThan(2);
  }

  @Test
  void queueFullToConnected() throws Exception {
    Transport.Listener full = fullUnix();
    Connecting connecting = connecting(Rig.LONG);
    start(connecting, SocketName.unix(abstractName.path()));
    assertThat(state(connecting)).isEqualTo(State.QUEUE_FULL);

    rig.accept(full);

    assertThat(result.get()).isNotNull();
    assertThat(state(connecting)).isEqualTo(State.DONE);
  }

  @Test
  void queueFullToTheNextName() throws Exception {
    fullUnix();
    Transport.Listener second = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    Connecting connecting = connecting(Duration.ofSeconds(1));
    List<SocketName> names = List.of(SocketName.unix(abstractName.path()), name(second));
    // In one go, as its time goes on.
    Callable<State> started =
        () -> {
          connecting.start(names);
          return connecting.state();
        };
    assertThat(rig.loop().submit(started).get()).isEqualTo(State.QUEUE_FULL);

    assertThat(Sockets.peerName(result.get().fd())).isEqualTo(name(second));
  }

  @Test
  void queueFullToFailed() throws Exception {
    fullUnix();
    Connecting connecting = connecting(SHORT);
    start(connecting, SocketName.unix(abstractName.path()));

    assertThat(result).failsWithin(Rig.LONG);
    assertThat(state(connecting)).isEqualTo(State.DONE);
  }

  @Test
  void resolvingToConnected() throws Exception {
    Transport.Listener listener = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    CountDownLatch answer = new CountDownLatch(1);
    Connecting connecting = connecting(Rig.LONG);
    lookUp(
        connecting,
        () -> {
          answer.await();
          return List.of(name(listener));
        });
    assertThat(state(connecting)).isEqualTo(State.RESOLVING);

    answer.countDown();

    assertThat(result.get()).isNotNull();
    assertThat(state(connecting)).isEqualTo(State.DONE);
  }

  @Test
  void resolvingToFailed() throws Exception {
    Connecting connecting = connecting(Rig.LONG);
    lookUp(
        connecting,
        () -> {
          throw new IllegalStateException("a resolver that breaks");
        });

    assertThat(result)
        .failsWithin(Rig.LONG)
        .withThrowableThat()
        .withMessageContaining("a resolver that breaks");
    assertThat(state(connecting)).isEqualTo(State.DONE);
  }

  @Test
  void aSocketThatCannotBeOpenedIsARefusal() throws Exception {
    Connecting connecting =
        new Connecting(
            abstractName,
            new Rules(null, 999, ConnectingTest::asTheKernelSays),
            Rig.LONG,
            rig.loop(),
            rig.answer(result));
    start(connecting, SocketName.unix(abstractName.path()));

    assertThat(result)
        .failsWithin(Rig.LONG)
        .withThrowableThat()
        .withMessageContaining("EAFNOSUPPORT");
  }

  /// As the kernel does by chance, when it picks the port of the backend that is down.
  @Test
  void aSocketConnectedToItselfIsARefusal() throws Exception {
    Transport.Listener gone = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    gone.close();
    Connecting connecting = connecting(Rig.LONG);
    start(connecting, name(gone));
    assertThat(result).isCompletedExceptionally();
    CompletableFuture<Endpoint> toItself = new CompletableFuture<>();
    connecting =
        new Connecting(
            gone.address(),
            new Rules(name(gone), 0, ConnectingTest::asTheKernelSays),
            Rig.LONG,
            rig.loop(),
            rig.answer(toItself));

    start(connecting, name(gone));

    assertThat(toItself)
        .failsWithin(Rig.LONG)
        .withThrowableThat()
        .withMessageContaining("ECONNREFUSED");
    rig.listen(tcp, gone.address());
  }

  private static int asTheKernelSays() {
    return 0;
  }

  private Connecting connecting(Duration timeout) {
    return new Connecting(
        abstractName,
        new Rules(null, 0, ConnectingTest::asTheKernelSays),
        timeout,
        rig.loop(),
        rig.answer(result));
  }

  private static void start(Connecting connecting, SocketName... names) throws Exception {
    rig.loop().submit(() -> connecting.start(List.of(names))).sync();
  }

  private static void lookUp(Connecting connecting, Callable<List<SocketName>> lookup)
      throws Exception {
    rig.loop().submit(() -> connecting.start(lookup)).sync();
  }

  private static State state(Connecting connecting) throws Exception {
    return rig.loop().submit(connecting::state).get();
  }

  private static SocketName name(Transport.Listener listener) {
    int port = ((Address.Tcp) listener.address()).port();
    return SocketName.inet(InetAddress.ofLiteral("127.0.0.1"), port);
  }

  private Transport.Listener fullTcp() throws Exception {
    Transport.Listener full = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0), NO_ROOM);
    rig.connect(tcp, full.address());
    return full;
  }

  private Transport.Listener fullUnix() throws Exception {
    Transport.Listener full = rig.listen(unix, abstractName, NO_ROOM);
    rig.connect(unix, abstractName);
    return full;
  }

  /// Opens a socket of the name's own family, or of another that the kernel does not have; bound to
  /// the name, it connects to itself.
  ///
  /// @param again what is answered when the connect is asked how it stands: 0 for what the kernel
  ///   says
  private record Rules(@Nullable SocketName boundTo, int otherFamily, IntSupplier again)
      implements SocketRules {
    @Override
    public Family family() {
      return Family.TCP;
    }

    @Override
    public int open(SocketName name) throws OsException {
      int fd = Sockets.socket(otherFamily == 0 ? name.family() : otherFamily, Sockets.SOCK_STREAM);
      if (boundTo != null) {
        Sockets.bind(fd, boundTo);
      }
      return fd;
    }

    @Override
    public int connectAgain(int fd, SocketName name) {
      int answer = again.getAsInt();
      return answer == 0 ? Sockets.connect(fd, name) : answer;
    }

    @Override
    public boolean givesUpEarly() {
      return true;
    }

    @Override
    public boolean isItself(int fd, SocketName name) {
      try {
        return Sockets.localName(fd).equals(name);
      } catch (OsException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public String connectAdvice(int errno) {
      return "";
    }

    @Override
    public String silenceAdvice() {
      return "";
    }
  }
}
