package dev.fid.transport.udp;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.splice.Family;
import dev.fid.transport.Connecting;
import dev.fid.transport.Failure;
import dev.fid.transport.Names;
import dev.fid.transport.Resolver;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;

/// Listens and connects with UDP, over IPv4 and IPv6.
///
/// A listener gives each client address a connected socket of its own. A listener on a name takes
/// the first of its addresses that this machine has. `::` takes IPv4 too, unless
/// net.ipv6.bindv6only says otherwise.
public final class UdpTransport implements Transport {
  private final UdpSockets sockets = new UdpSockets();
  private final Names names;

  public UdpTransport() {
    this(InetAddress::getAllByName);
  }

  public UdpTransport(Resolver resolver) {
    this.names = new Names(resolver);
  }

  @Override
  public Family family() {
    return Family.UDP;
  }

  @Override
  @MustBeClosed
  public Listener listen(Address address, ListenOptions options) throws IOException {
    Address.Udp udp = udp(address);
    String attempt = "listen on " + udp;
    try {
      return listener(udp.host(), names.bind(udp, sockets::listen));
    } catch (OsException e) {
      String advice = Failure.commonAdvice(e.errno());
      throw Failure.of(
          attempt,
          e.errno(),
          advice.isEmpty() ? UdpSockets.listenAdvice(e.errno(), udp.port()) : advice);
    } catch (UnknownHostException e) {
      throw Failure.of(attempt, String.valueOf(e.getMessage()));
    }
  }

  private static Listener listener(String host, int fd) throws OsException {
    try {
      SocketName name = Sockets.localName(fd);
      return new UdpListener(fd, name, new Address.Udp(host, name.port()));
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  @Override
  public void connect(Address address, Duration timeout, IoEventLoop loop, ConnectHandler handler) {
    Address.Udp udp = udp(address);
    names.connect(udp, new Connecting(udp, sockets, timeout, loop, handler));
  }

  private static Address.Udp udp(Address address) {
    if (address instanceof Address.Udp udp) {
      return udp;
    }
    throw new IllegalArgumentException(address + " is not a UDP address");
  }
}
