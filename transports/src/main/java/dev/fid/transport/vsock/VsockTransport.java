package dev.fid.transport.vsock;

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
import dev.fid.transport.NameCache;
import dev.fid.transport.StreamListener;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/// Listens and connects with vsock stream sockets.
public final class VsockTransport implements Transport {
  private final VsockSockets sockets = new VsockSockets();
  private final NameCache<Address.Vsock> names = new NameCache<>(VsockTransport::name);

  @Override
  public Family family() {
    return Family.VSOCK;
  }

  @Override
  @MustBeClosed
  public Listener listen(Address address, ListenOptions options) throws IOException {
    Address.Vsock vsock = vsock(address);
    try {
      return listener(vsock.cid(), sockets.listen(name(vsock), options.backlog()));
    } catch (OsException e) {
      String advice = Failure.commonAdvice(e.errno());
      throw Failure.of(
          "listen on " + vsock,
          e.errno(),
          advice.isEmpty() ? sockets.listenAdvice(e.errno()) : advice);
    }
  }

  private static Listener listener(long cid, int fd) throws OsException {
    try {
      Address bound = new Address.Vsock(cid, Sockets.localName(fd).vsockPort());
      return new StreamListener(fd, bound, () -> {});
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  @Override
  public void connect(Address address, Duration timeout, IoEventLoop loop, ConnectHandler handler) {
    Address.Vsock vsock = vsock(address);
    new Connecting(vsock, sockets, timeout, loop, handler)
        .start(Objects.requireNonNull(names.get(vsock)));
  }

  private static SocketName name(Address.Vsock address) {
    long port = address.port() == 0 ? SocketName.VSOCK_ANY : address.port();
    return SocketName.vsock(address.cid(), port);
  }

  private static Address.Vsock vsock(Address address) {
    if (address instanceof Address.Vsock vsock) {
      return vsock;
    }
    throw new IllegalArgumentException(address + " is not a vsock address");
  }
}
