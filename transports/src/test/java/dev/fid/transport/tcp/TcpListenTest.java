package dev.fid.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.ffi.LibC;
import dev.fid.os.Errno;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.Transport;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import dev.fid.transport.Rig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TcpListenTest {
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_KEEPALIVE = 9;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;

  @RegisterExtension static final Rig rig = new Rig();

  private final TcpTransport tcp = new TcpTransport();

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(Transport.class))
        .anyMatch(found -> found instanceof TcpTransport && found.family() == Family.TCP);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1",
    "::1, ::1",
    "0.0.0.0, 127.0.0.1",
    "::, ::1",
    "::, 127.0.0.1",
    "*, 127.0.0.1",
    "*, ::1",
    "localhost, localhost"
  })
  void listensOn(String host, String reachedAs) throws Exception {
    Transport.Listener listener = rig.listen(tcp, new Address.Tcp(host, 0));
    var accepted = rig.accept(listener);

    int port = ((Address.Tcp) listener.address()).port();
    Endpoint client = rig.connect(tcp, new Address.Tcp(reachedAs, port));

    assertThat(port).isPositive();
    assertThat(listener.address()).isEqualTo(new Address.Tcp(host, port));
    Rig.assertJoined(client, accepted.take());
  }

  @Test
  void anyIpv4IsNotReachedOverIpv6() throws Exception {
    Transport.Listener listener = rig.listen(tcp, new Address.Tcp("0.0.0.0", 0));
    int port = ((Address.Tcp) listener.address()).port();

    assertThat(rig.connect(tcp, new Address.Tcp("::1", port), Rig.LONG))
        .failsWithin(Rig.LONG)
        .withThrowableThat()
        .havingRootCause()
        .withMessageContaining("ECONNREFUSED");
  }

  @Test
  void acceptedSocketsInheritTheOptionsOfTheListener() throws Exception {
    Transport.Listener listener = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    var accepted = rig.accept(listener);
    Endpoint client = rig.connect(tcp, listener.address());
    Endpoint server = accepted.take();

    for (Endpoint endpoint : new Endpoint[] {client, server}) {
      assertThat(option(endpoint, IPPROTO_TCP, TCP_NODELAY)).isNotZero();
      assertThat(option(endpoint, SOL_SOCKET, SO_KEEPALIVE)).isNotZero();
    }
    assertThat(option(server, SOL_SOCKET, SO_REUSEADDR)).isNotZero();
  }

  @Test
  void listensAgainAtOnceAfterAConnectionWasClosedByTheServer() throws Exception {
    Transport.Listener first = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0));
    var accepted = rig.accept(first);
    Endpoint client = rig.connect(tcp, first.address());
    Sockets.shutdownWrite(accepted.take().fd());
    Sockets.shutdownWrite(client.fd());
    first.close();

    Transport.Listener second = rig.listen(tcp, first.address());

    assertThat(second.address()).isEqualTo(first.address());
  }

  @Test
  void anAddressInUseIsNamed() throws Exception {
    Address taken = rig.listen(tcp, new Address.Tcp("127.0.0.1", 0)).address();

    assertThatThrownBy(() -> rig.listen(tcp, taken))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("listen on " + taken + ": EADDRINUSE (Address already in use): ")
        .hasMessageContaining("sport = :" + ((Address.Tcp) taken).port());
  }

  @Test
  void anAddressOfAnotherMachineIsRefused() {
    assertThatThrownBy(() -> rig.listen(tcp, new Address.Tcp("192.0.2.1", 0)))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "listen on tcp://192.0.2.1:0: EADDRNOTAVAIL (Cannot assign requested address): no"
                + " interface of this machine has that address: `ip address` lists them");
  }

  @Test
  void aPrivilegedPortNamesTheCapability() {
    assertThat(new TcpSockets().listenAdvice(Errno.EACCES, 80))
        .isEqualTo("ports below 1024 need CAP_NET_BIND_SERVICE");
  }

  @Test
  void aNameTakesItsFirstAddressThatThisMachineHas() throws Exception {
    TcpTransport named =
        new TcpTransport(host ->
            new InetAddress[] {
              InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("127.0.0.1")
            });
    Transport.Listener listener = rig.listen(named, new Address.Tcp("me.example", 0));

    int port = ((Address.Tcp) listener.address()).port();
    rig.connect(tcp, new Address.Tcp("127.0.0.1", port));

    assertThat(listener.address()).isEqualTo(new Address.Tcp("me.example", port));
  }

  @Test
  void anUnknownNameIsRefused() {
    assertThatThrownBy(() -> rig.listen(tcp, new Address.Tcp("no-such-host.invalid", 80)))
        .hasMessage(
            "listen on tcp://no-such-host.invalid:80: no-such-host.invalid has no address: check"
                + " the name, /etc/hosts and DNS");
  }

  @Test
  void anAddressOfAnotherFamilyIsAMistakeOfTheCaller() {
    assertThatThrownBy(() -> rig.listen(tcp, new Address.Unix("/run/a.sock")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static int option(Endpoint endpoint, int level, int option) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
      assertThat(LibC.getsockopt(endpoint.fd(), level, option, value, length)).isZero();
      return value.get(ValueLayout.JAVA_INT, 0);
    }
  }
}
