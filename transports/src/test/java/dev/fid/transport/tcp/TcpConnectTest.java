package dev.fid.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.splice.Endpoint;
import dev.fid.transport.Rig;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TcpConnectTest {
  @RegisterExtension static final Rig rig = new Rig();

  private static final Duration SHORT = Duration.ofMillis(300);

  private final TcpTransport tcp = new TcpTransport();

  @Test
  void aRefusedConnectSaysWhatToDo() throws Exception {
    Address nobody = closedPort();

    failure(rig.connect(tcp, nobody, Rig.LONG))
        .withMessage(
            "connect to "
                + nobody
                + ": ECONNREFUSED (Connection refused): nothing listens there: start the backend,"
                + " or correct the address");
  }

  @Test
  void aBackendThatDoesNotAcceptRunsIntoTheTimeout() throws Exception {
    Transport.Listener full = full("127.0.0.1", 0);

    failure(rig.connect(tcp, full.address(), SHORT))
        .withMessage(
            "connect to %s: no answer in 0.3 s: the host is down, a firewall drops the packets, or"
                + " the backend accepts too slowly",
            full.address());
  }

  @Test
  void aBackendThatIsSlowToAcceptIsReached() throws Exception {
    Transport.Listener full = full("127.0.0.1", 0);
    CompletableFuture<Endpoint> waiting = rig.connect(tcp, full.address(), Rig.LONG);
    rig.loop().submit(() -> {}).sync();
    assertThat(waiting).isNotDone();

    var accepted = rig.accept(full);

    Endpoint client = waiting.get();
    accepted.take();
    Rig.assertJoined(client, accepted.take());
  }

  @Test
  void aPendingConnectLearnsThatTheBackendWentAway() throws Exception {
    Transport.Listener full = full("127.0.0.1", 0);
    CompletableFuture<Endpoint> waiting = rig.connect(tcp, full.address(), Rig.LONG);
    rig.loop().submit(() -> {}).sync();
    assertThat(waiting).isNotDone();

    full.close();

    failure(waiting).withMessageContaining("ECONNREFUSED");
  }

  @Test
  void aLoopThatShutsDownFailsAPendingConnect() throws Exception {
    Transport.Listener full = full("127.0.0.1", 0);
    CompletableFuture<Endpoint> waiting = rig.connect(tcp, full.address(), Rig.LONG);
    rig.loop().submit(() -> {}).sync();

    rig.stop();

    failure(waiting).withMessageEndingWith("the event loop was shut down");
  }

  @Test
  void theSecondAddressOfANameIsTriedWhenTheFirstRefuses() throws Exception {
    Transport.Listener listener = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    var accepted = rig.accept(listener);
    TcpTransport named = resolvingTo("::1", "127.0.0.1");

    Endpoint client = rig.connect(named, at("db.example", listener));

    Rig.assertJoined(client, accepted.take());
  }

  @Test
  void aSilentFirstAddressLeavesTimeForTheSecond() throws Exception {
    Transport.Listener silent = full("127.0.0.2", 0);
    int port = ((Address.Tcp) silent.address()).port();
    var accepted = rig.accept(rig.listen(tcp, new Address.Tcp("127.0.0.1", port)));
    TcpTransport named = resolvingTo("127.0.0.2", "127.0.0.1");

    CompletableFuture<Endpoint> client =
        rig.connect(named, at("db.example", silent), Duration.ofSeconds(2));

    Rig.assertJoined(client.get(), accepted.take());
  }

  @Test
  void everyAddressThatRefusedIsNamed() throws Exception {
    int port = ((Address.Tcp) closedPort()).port();
    TcpTransport named = resolvingTo("127.0.0.2", "127.0.0.1");

    failure(rig.connect(named, new Address.Tcp("db.example", port), Rig.LONG))
        .withMessageStartingWith("connect to tcp://db.example:" + port + ": 127.0.0.2:" + port)
        .withMessageContaining(", 127.0.0.1:" + port + " ECONNREFUSED");
  }

  @Test
  void theAddressOfANameThatRefusedIsNamed() throws Exception {
    int port = ((Address.Tcp) closedPort()).port();

    failure(rig.connect(tcp, new Address.Tcp("localhost", port), Rig.LONG))
        .withMessageContaining("127.0.0.1:" + port + " ECONNREFUSED");
  }

  @Test
  void anUnknownNameFails() {
    failure(rig.connect(tcp, new Address.Tcp("no-such-host.invalid", 80), Rig.LONG))
        .withMessage(
            "connect to tcp://no-such-host.invalid:80: no-such-host.invalid has no address: check"
                + " the name, /etc/hosts and DNS");
  }

  @Test
  void aLookupCountsAgainstTheTimeoutAndKeepsNobodyWaiting() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    TcpTransport slow =
        new TcpTransport(host -> {
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          answered.countDown();
          return InetAddress.getAllByName("127.0.0.1");
        });
    Transport.Listener listener = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    var accepted = rig.accept(listener);

    CompletableFuture<Endpoint> lookup = rig.connect(slow, at("slow.example", listener), SHORT);
    Endpoint meanwhile = rig.connect(slow, listener.address());

    Rig.assertJoined(meanwhile, accepted.take());
    failure(lookup).withMessageEndingWith("the name was not found in 0.3 s: check DNS");
    answer.countDown();
    answered.await();
    rig.loop().submit(() -> {}).sync();
    assertThat(accepted).as("connections made after the timeout").isEmpty();
  }

  @Test
  void aLoopThatShutsDownFailsALookup() {
    CountDownLatch never = new CountDownLatch(1);
    TcpTransport slow =
        new TcpTransport(host -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return new InetAddress[0];
        });
    CompletableFuture<Endpoint> lookup =
        rig.connect(slow, new Address.Tcp("slow.example", 80), Rig.LONG);

    rig.stop();
    never.countDown();

    failure(lookup).withMessageEndingWith("the event loop was shut down");
  }

  private TcpTransport resolvingTo(String... literals) {
    InetAddress[] addresses =
        Arrays.stream(literals).map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
    return new TcpTransport(host -> addresses);
  }

  private static Address.Tcp at(String host, Transport.Listener listener) {
    return new Address.Tcp(host, ((Address.Tcp) listener.address()).port());
  }

  private Address closedPort() throws IOException {
    Transport.Listener listener = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    listener.close();
    return listener.address();
  }

  /// A listener whose queue has no room: with a backlog of 0 the kernel queues one connection.
  private Transport.Listener full(String host, int port) throws Exception {
    Transport.Listener listener =
        rig.listen(tcp, new Address.Tcp(host, port), new ListenOptions(0, null));
    rig.connect(tcp, listener.address());
    return listener;
  }

  private static ThrowableAssertAlternative<?> failure(CompletableFuture<Endpoint> connect) {
    return assertThat(connect).failsWithin(Rig.LONG).withThrowableThat().havingRootCause();
  }
}
