package dev.fid.transport.tcp;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.splice.Family;
import dev.fid.transport.Connecting;
import dev.fid.transport.Failure;
import dev.fid.transport.Names;
import dev.fid.transport.Resolver;
import dev.fid.transport.StreamListener;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;

/// Listens and connects with TCP, over IPv4 and IPv6.
///
/// Sockets have TCP_NODELAY and SO_KEEPALIVE on. A host is a literal, a name, or, to listen, `*`
/// for every address of the machine. A listener on a name takes the first of its addresses that
/// this machine has. `::` takes IPv4 too, unless net.ipv6.bindv6only says otherwise.
public final class TcpTransport implements Transport {
  private final TcpSockets sockets = new TcpSockets();
  private final Names names;

  public TcpTransport() {
    this(InetAddress::getAllByName);
  }

  public TcpTransport(Resolver resolver) {
    this.names = new Names(resolver);
  }

  @Override
  public Family family() {
    return Family.TCP;
  }

  @Override
  @MustBeClosed
  public Listener listen(Address address, ListenOptions options) throws IOException {
    Address.Tcp tcp = tcp(address);
    String attempt = "listen on " + tcp;
    try {
      return listener(tcp.host(), names.bind(tcp, name -> sockets.listen(name, options.backlog())));
    } catch (OsException e) {
      String advice = Failure.commonAdvice(e.errno());
      throw Failure.of(
          attempt,
          e.errno(),
          advice.isEmpty() ? sockets.listenAdvice(e.errno(), tcp.port()) : advice);
    } catch (UnknownHostException e) {
      throw Failure.of(attempt, String.valueOf(e.getMessage()));
    }
  }

  private static Listener listener(String host, int fd) throws OsException {
    try {
      Address bound = new Address.Tcp(host, Sockets.localName(fd).port());
      return new StreamListener(fd, bound, () -> {});
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  @Override
  public void connect(Address address, Duration timeout, IoEventLoop loop, ConnectHandler handler) {
    Address.Tcp tcp = tcp(address);
    names.connect(tcp, new Connecting(tcp, sockets, timeout, loop, handler));
  }

  private static Address.Tcp tcp(Address address) {
    if (address instanceof Address.Tcp tcp) {
      return tcp;
    }
    throw new IllegalArgumentException(address + " is not a TCP address");
  }
}
