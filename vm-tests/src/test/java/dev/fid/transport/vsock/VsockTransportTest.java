package dev.fid.transport.vsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport.ConnectHandler;
import dev.fid.pipe.Transport.Listener;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// vsock listeners and connects on a kernel with vsock_loopback and vhost_vsock, and the sentences
/// of their failures.
class VsockTransportTest {
  private static final ListenOptions OPTIONS = new ListenOptions(16, null);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final IoEventLoop loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next();
  private final VsockTransport transport = new VsockTransport();

  @AfterEach
  void stop() {
    loop.parent().shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private CompletableFuture<Endpoint> connect(Address address, Duration timeout) {
    CompletableFuture<Endpoint> result = new CompletableFuture<>();
    ConnectHandler handler =
        new ConnectHandler() {
          @Override
          public void connected(Endpoint endpoint) {
            result.complete(endpoint);
          }

          @Override
          public void failed(IOException reason) {
            result.completeExceptionally(reason);
          }
        };
    loop.execute(() -> transport.connect(address, timeout, loop, handler));
    return result;
  }

  private String failure(String address, Duration timeout) {
    return connect(Address.parse(address), timeout)
        .handle((endpoint, reason) -> endpoint == null ? reason.getMessage() : "connected")
        .join();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vsock://local:0", "vsock://any:0"})
  void joinsThoseWhoMeet(String address) throws Exception {
    try (Listener listener = transport.listen(Address.parse(address), OPTIONS)) {
      BlockingQueue<Endpoint> accepted = new LinkedBlockingQueue<>();
      listener.start(loop, accepted::add);
      Address.Vsock bound = (Address.Vsock) listener.address();
      assertThat(bound.port()).isGreaterThan(1023);
      assertThat(bound.toString()).startsWith(address.substring(0, address.length() - 1));
      for (int i = 0; i < 100; i++) {
        Endpoint client = connect(new Address.Vsock(1, bound.port()), LONG).get();
        Endpoint server = accepted.take();
        assertThat(client.family()).isEqualTo(server.family()).isEqualTo(Family.VSOCK);
        assertThat(Sockets.peerName(client.fd()).vsockPort()).isEqualTo(bound.port());
        assertThat(Sockets.peerName(client.fd())).hasToString("1:" + bound.port());
        assertThat(Sockets.domain(client.fd())).isEqualTo(Sockets.AF_VSOCK);
        Fds.close(client.fd());
        Fds.close(server.fd());
      }
    }
  }

  @Test
  void theHostsCidIsThisMachines() throws Exception {
    try (Listener listener = transport.listen(Address.parse("vsock://host:5000"), OPTIONS)) {
      assertThat(listener.address()).hasToString("vsock://host:5000");
    }
  }

  @Test
  void saysThatAPortIsTaken() throws Exception {
    try (Listener listener = transport.listen(Address.parse("vsock://any:0"), OPTIONS)) {
      long port = ((Address.Vsock) listener.address()).port();
      assertThatIOException()
          .isThrownBy(() -> transport.listen(new Address.Vsock(1, port), OPTIONS).close())
          .withMessageStartingWith("listen on vsock://local:" + port + ": EADDRINUSE")
          .withMessageContaining("another socket listens there");
    }
  }

  @Test
  void saysThatACidIsNotThisMachines() {
    assertThatIOException()
        .isThrownBy(() -> transport.listen(Address.parse("vsock://77:5000"), OPTIONS).close())
        .withMessageStartingWith("listen on vsock://77:5000: EADDRNOTAVAIL")
        .withMessageContaining("listen on vsock://any:PORT");
  }

  @ParameterizedTest
  @CsvSource({
    "vsock://local:4000, ECONNRESET, nothing listens on that port there",
    "vsock://77:4000, ENODEV, no guest with that CID runs",
  })
  void saysWhyAConnectFails(String address, String errno, String advice) {
    assertThat(failure(address, LONG))
        .startsWith("connect to " + address + ": " + errno)
        .contains(advice);
  }

  /// The kernel resets who finds the queue full.
  @Test
  void saysThatAQueueIsFull() throws Exception {
    try (Listener listener =
        transport.listen(Address.parse("vsock://local:0"), new ListenOptions(1, null))) {
      String address = listener.address().toString();
      int[] waiting = new int[3];
      for (int i = 0; i < waiting.length; i++) {
        waiting[i] = Sockets.socket(Sockets.AF_VSOCK, Sockets.SOCK_STREAM);
        long port = ((Address.Vsock) listener.address()).port();
        assertThat(Sockets.connect(waiting[i], SocketName.vsock(1, port)))
            .isEqualTo(-Errno.EINPROGRESS);
      }
      assertThat(failure(address, LONG)).contains("ECONNRESET", "or its queue is full");
      for (int fd : waiting) {
        Fds.close(fd);
      }
    }
  }
}
