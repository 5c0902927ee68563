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
import dev.fid.transport.StreamListener;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// Listens and connects with UNIX sockets of one type that has connections, at paths and abstract
/// names.
///
/// A socket file on which nothing listens is replaced, anything else at the path is left alone and
/// refused. Closing the listener deletes its file.
abstract sealed class ConnectedTransport implements Transport
    permits UnixTransport, UnixSeqpacketTransport {
  private final UnixSockets sockets;
  private final NameCache<Address.Local> names =
      new NameCache<>(address -> SocketName.unix(address.path()));

  ConnectedTransport(Family family) {
    sockets = new UnixSockets(family);
  }

  @Override
  public final Family family() {
    return sockets.family();
  }

  @Override
  @MustBeClosed
  public final Listener listen(Address address, ListenOptions options) throws IOException {
    Address.Local unix = local(address);
    UnixFileSocket bound =
        UnixFileSocket.bind(
            unix,
            family().type(),
            options,
            fd -> Sockets.listen(fd, options.backlog()),
            sockets::listenAdvice);
    return new StreamListener(bound.fd(), unix, bound.delete());
  }

  @Override
  public final void connect(
      Address address, Duration timeout, IoEventLoop loop, ConnectHandler handler) {
    Address.Local unix = local(address);
    List<SocketName> name;
    try {
      name = Objects.requireNonNull(names.get(unix));
    } catch (IllegalArgumentException e) {
      handler.failed(Failure.of("connect to " + unix, String.valueOf(e.getMessage())));
      return;
    }
    new Connecting(unix, sockets, timeout, loop, handler).start(name);
  }

  private Address.Local local(Address address) {
    if (address instanceof Address.Local local && local.family() == family()) {
      return local;
    }
    throw new IllegalArgumentException(
        address + " is not an address of " + family().scheme() + "://");
  }
}
