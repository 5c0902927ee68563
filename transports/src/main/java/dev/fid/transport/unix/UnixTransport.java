package dev.fid.transport.unix;

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
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
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
    String attempt = "listen on " + unix;
    try {
      SocketName name = SocketName.unix(unix.path());
      return unix.isAbstract()
          ? listenAbstract(unix, name, options)
          : listenPath(unix, name, options);
    } catch (OsException e) {
      String advice = Failure.commonAdvice(e.errno());
      throw Failure.of(
          attempt, e.errno(), advice.isEmpty() ? sockets.listenAdvice(e.errno()) : advice);
    } catch (FileSystemException e) {
      throw Failure.of(attempt, reason(e));
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.of(attempt, String.valueOf(e.getMessage()));
    }
  }

  private Listener listenAbstract(Address.Unix address, SocketName name, ListenOptions options)
      throws IOException {
    if (options.unix() != null) {
      throw new IOException("an abstract name has no file: remove mode, owner and group");
    }
    int fd = sockets.open(name);
    try {
      Sockets.bind(fd, name);
      Sockets.listen(fd, options.backlog());
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
    return new StreamListener(fd, address, () -> {});
  }

  private Listener listenPath(Address.Unix address, SocketName name, ListenOptions options)
      throws IOException {
    Path path = Path.of(address.path());
    SocketPermissions permissions = SocketPermissions.of(options.unix());
    int taken = SocketFile.clear(path, name);
    if (taken != 0) {
      throw new OsException("connect", taken);
    }
    int fd = sockets.open(name);
    SocketFile file;
    try {
      permissions.hide(fd);
      Sockets.bind(fd, name);
      file = Objects.requireNonNull(SocketFile.at(path), "the file that bind created");
    } catch (IOException | RuntimeException e) {
      Fds.close(fd);
      throw e;
    }
    try {
      Sockets.listen(fd, options.backlog());
      permissions.apply(path);
    } catch (IOException | RuntimeException e) {
      file.deleteIfStillThere();
      Fds.close(fd);
      throw e;
    }
    return new StreamListener(fd, address, file::deleteIfStillThere);
  }

  private static String reason(FileSystemException e) {
    String reason = e.getReason();
    return e instanceof AccessDeniedException || reason == null
        ? "this process may not look at " + e.getFile() + ": change the directories' permissions"
        : e.getFile() + ": " + reason;
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
