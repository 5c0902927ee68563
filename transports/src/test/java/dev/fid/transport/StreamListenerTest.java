package dev.fid.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.os.Fds;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.splice.Endpoint;
import dev.fid.transport.tcp.TcpTransport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StreamListenerTest {
  @RegisterExtension static final Rig rig = new Rig();

  private final TcpTransport tcp = new TcpTransport();

  @Test
  void acceptsNothingBeforeItIsStarted() throws Exception {
    Transport.Listener listener = listen();
    Endpoint client = rig.connect(tcp, listener.address());
    List<String> before = Rig.sockets();

    var accepted = rig.accept(listener);

    Rig.assertJoined(client, accepted.take());
    List<String> more = new ArrayList<>(Rig.sockets());
    more.removeAll(before);
    assertThat(more).as("not accepted before").hasSize(1);
  }

  @Test
  void acceptsMoreThanOneBatchOfWaitingConnections() throws Exception {
    Transport.Listener listener = listen();
    int clients = 3 * StreamListener.BATCH + 1;
    for (int i = 0; i < clients; i++) {
      rig.connect(tcp, listener.address());
    }

    var accepted = rig.accept(listener);

    for (int i = 0; i < clients; i++) {
      accepted.take();
    }
  }

  @Test
  void leavesTheLoopToOthersAfterABatch() throws Exception {
    Transport.Listener listener = listen();
    for (int i = 0; i < 2 * StreamListener.BATCH; i++) {
      rig.connect(tcp, listener.address());
    }
    AtomicInteger accepted = new AtomicInteger();
    CompletableFuture<Integer> seenByAnother = new CompletableFuture<>();

    listener.start(
        rig.loop(),
        endpoint -> {
          rig.own(endpoint);
          if (accepted.incrementAndGet() == 1) {
            rig.loop().execute(() -> seenByAnother.complete(accepted.get()));
          }
        });

    assertThat(seenByAnother.get()).isEqualTo(StreamListener.BATCH);
  }

  @Test
  void survivesAHandlerThatThrows() throws Exception {
    Transport.Listener listener = listen();
    var accepted = new LinkedBlockingQueue<Endpoint>();
    try (Lines lines = new Lines(StreamListener.class)) {
      listener.start(
          rig.loop(),
          endpoint -> {
            accepted.add(rig.own(endpoint));
            throw new IllegalStateException("on purpose");
          });
      rig.connect(tcp, listener.address());
      accepted.take();
      rig.connect(tcp, listener.address());
      accepted.take();
      rig.loop().submit(() -> {}).sync();

      assertThat(lines.seen()).hasSize(2).allMatch(line -> line.contains("the handler failed"));
    }
  }

  @Test
  void startsOnce() throws Exception {
    Transport.Listener listener = listen();
    rig.accept(listener);

    assertThatThrownBy(() -> rig.accept(listener)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aClosedListenerCanBeClosedAgainAndStarted() throws Exception {
    Transport.Listener listener = listen();
    listener.close();
    listener.close();

    var accepted = rig.accept(listener);
    rig.loop().submit(() -> {}).sync();

    assertThat(accepted).isEmpty();
    assertRefused(listener);
  }

  @Test
  void closingLeavesAcceptedSocketsAlone() throws Exception {
    Transport.Listener listener = listen();
    var accepted = rig.accept(listener);
    Endpoint client = rig.connect(tcp, listener.address());
    Endpoint server = accepted.take();

    listener.close();

    assertRefused(listener);
    Rig.assertJoined(client, server);
  }

  @Test
  void closesOnItsOwnLoop() throws Exception {
    Transport.Listener listener = listen();
    CountDownLatch closed = new CountDownLatch(1);
    listener.start(
        rig.loop(),
        endpoint -> {
          rig.own(endpoint);
          listener.close();
          closed.countDown();
        });
    rig.connect(tcp, listener.address());
    closed.await();

    assertRefused(listener);
  }

  @Test
  void closesWithTheLoop() throws Exception {
    Transport.Listener listener = listen();
    rig.accept(listener);
    rig.loop().submit(() -> {}).sync();

    rig.stop();

    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port(listener)))
        .isInstanceOf(ConnectException.class);
  }

  /// Netty does not close what is registered then.
  @Test
  void closesWithALoopThatOneOfItsTasksEnds() throws Exception {
    Transport.Listener listener = listen();
    rig.accept(listener);
    rig.loop().execute(rig::beginStop);

    rig.stop();

    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port(listener)))
        .isInstanceOf(ConnectException.class);
  }

  @RepeatedTest(20)
  void closesAfterALoopThatEndedWhileItStarted() throws Exception {
    Transport.Listener listener = listen();
    rig.accept(listener);
    rig.stop();

    listener.close();

    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port(listener)))
        .isInstanceOf(ConnectException.class);
  }

  /// Descriptors are closed and opened by others all the while, so that a late accept or a late
  /// removal from epoll would hit a stranger.
  @RepeatedTest(20)
  void closesFromAnotherThreadUnderLoad() throws Exception {
    Transport.Listener listener = listen();
    AtomicInteger accepted = new AtomicInteger();
    listener.start(
        rig.loop(),
        endpoint -> {
          Fds.close(endpoint.fd());
          accepted.incrementAndGet();
        });
    List<CompletableFuture<Endpoint>> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(rig.connect(tcp, listener.address(), Rig.LONG));
    }
    clients.get(20).handle((endpoint, failure) -> true).get();

    listener.close();
    Transport.Listener next = listen();
    var acceptedNext = rig.accept(next);

    for (CompletableFuture<Endpoint> client : clients) {
      client.handle((endpoint, failure) -> true).get();
    }
    Rig.assertJoined(rig.connect(tcp, next.address()), acceptedNext.take());
  }

  private Transport.Listener listen() throws IOException {
    return rig.listen(tcp, new Address.Tcp("127.0.0.1", 0), new ListenOptions(4096, null));
  }

  private static int port(Transport.Listener listener) {
    return ((Address.Tcp) listener.address()).port();
  }

  private void assertRefused(Transport.Listener listener) {
    assertThat(rig.connect(tcp, listener.address(), Rig.LONG))
        .failsWithin(Rig.LONG)
        .withThrowableThat()
        .havingRootCause()
        .withMessageContaining("ECONNREFUSED");
  }
}
