package dev.fid.transport.unix;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.splice.Family;
import dev.fid.transport.Connecting;
import dev.fid.transport.Failure;
import dev.fid.transport.NameCache;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// Listens and connects with UNIX datagram sockets, at paths and abstract names.
///
/// A socket file on which nobody receives is replaced, anything else at the path is left alone and
/// refused. Closing the listener deletes its file.
public final class UnixDatagramTransport implements Transport {
  private final UnixDatagramSockets sockets = new UnixDatagramSockets();
  private final NameCache<Address.UnixDatagram> names =
      new NameCache<>(address -> SocketName.unix(address.path()));

  @Override
  public Family family() {
    return Family.UNIX_DATAGRAM;
  }

  @Override
  @MustBeClosed
  public Listener listen(Address address, ListenOptions options) throws IOException {
    Address.UnixDatagram unix = unix(address);
    return new UnixDatagramListener(
        UnixFileSocket.bind(
            unix, Sockets.SOCK_DGRAM, options, _ -> {}, UnixDatagramSockets::listenAdvice),
        unix);
  }

  @Override
  public void connect(Address address, Duration timeout, IoEventLoop loop, ConnectHandler handler) {
    Address.UnixDatagram unix = unix(address);
    List<SocketName> name;
    try {
      name = Objects.requireNonNull(names.get(unix));
    } catch (IllegalArgumentException e) {
      handler.failed(Failure.of("connect to " + unix, String.valueOf(e.getMessage())));
      return;
    }
    new Connecting(unix, sockets, timeout, loop, handler).start(name);
  }

  private static Address.UnixDatagram unix(Address address) {
    if (address instanceof Address.UnixDatagram unix) {
      return unix;
    }
    throw new IllegalArgumentException(address + " is not the address of a UNIX datagram socket");
  }
}
