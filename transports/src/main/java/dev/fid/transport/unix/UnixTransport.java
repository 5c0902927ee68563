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

/// Listens and connects with UNIX stream sockets, at paths and abstract names.
///
/// A socket file on which nothing listens is replaced, anything else at the path is left alone and
/// refused. Closing the listener deletes its file.
public final class UnixTransport implements Transport {
  private final UnixSockets sockets = new UnixSockets();
  private final NameCache<Address.Unix> names =
      new NameCache<>(address -> SocketName.unix(address.path()));

  @Override
  public Family family() {
    return Family.UNIX_STREAM;
  }

  @Override
  @MustBeClosed
  public Listener listen(Address address, ListenOptions options) throws IOException {
    Address.Unix unix = unix(address);
    UnixFileSocket bound =
        UnixFileSocket.bind(
            unix,
            Sockets.SOCK_STREAM,
            options,
            fd -> Sockets.listen(fd, options.backlog()),
            sockets::listenAdvice);
    return new StreamListener(bound.fd(), unix, bound.delete());
  }

  @Override
  public void connect(Address address, Duration timeout, IoEventLoop loop, ConnectHandler handler) {
    Address.Unix unix = unix(address);
    List<SocketName> name;
    try {
      name = Objects.requireNonNull(names.get(unix));
    } catch (IllegalArgumentException e) {
      handler.failed(Failure.of("connect to " + unix, String.valueOf(e.getMessage())));
      return;
    }
    new Connecting(unix, sockets, timeout, loop, handler).start(name);
  }

  private static Address.Unix unix(Address address) {
    if (address instanceof Address.Unix unix) {
      return unix;
    }
    throw new IllegalArgumentException(address + " is not a UNIX address");
  }
}
