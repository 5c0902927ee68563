package dev.fid.transport.unix;

import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.transport.Failure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.IntFunction;

/// Binds a UNIX socket of any type at a path or an abstract name.
///
/// A socket file on which nothing listens is replaced, anything else at the path is left alone and
/// refused.
///
/// @param fd bound; whoever has it closes it
/// @param delete removes the file, if there is one, and it is still this socket's
record UnixFileSocket(int fd, Runnable delete) {
  /// What a socket is to do between bind and the moment that others may connect.
  @FunctionalInterface
  interface AfterBind {
    void accept(int fd) throws IOException;
  }

  /// @param type SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM
  /// @param advice what to do about an errno; empty for one that is not known
  static UnixFileSocket bind(
      Address.Local address,
      int type,
      ListenOptions options,
      AfterBind afterBind,
      IntFunction<String> advice)
      throws IOException {
    String attempt = "listen on " + address;
    try {
      SocketName name = SocketName.unix(address.path());
      return address.isAbstract()
          ? bindAbstract(name, type, options, afterBind)
          : bindPath(Path.of(address.path()), name, type, options, afterBind);
    } catch (OsException e) {
      String common = Failure.commonAdvice(e.errno());
      throw Failure.of(attempt, e.errno(), common.isEmpty() ? advice.apply(e.errno()) : common);
    } catch (FileSystemException e) {
      throw Failure.of(attempt, reason(e));
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.of(attempt, String.valueOf(e.getMessage()));
    }
  }

  private static UnixFileSocket bindAbstract(
      SocketName name, int type, ListenOptions options, AfterBind afterBind) throws IOException {
    if (options.unix() != null) {
      throw new IOException("an abstract name has no file: remove mode, owner and group");
    }
    int fd = Sockets.socket(Sockets.AF_UNIX, type);
    try {
      Sockets.bind(fd, name);
      afterBind.accept(fd);
    } catch (IOException | RuntimeException e) {
      Fds.close(fd);
      throw e;
    }
    return new UnixFileSocket(fd, () -> {});
  }

  private static UnixFileSocket bindPath(
      Path path, SocketName name, int type, ListenOptions options, AfterBind afterBind)
      throws IOException {
    SocketPermissions permissions = SocketPermissions.of(options.unix());
    int taken = SocketFile.clear(path, name, type);
    if (taken != 0) {
      throw new OsException("connect", taken);
    }
    int fd = Sockets.socket(Sockets.AF_UNIX, type);
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
      afterBind.accept(fd);
      permissions.apply(path);
    } catch (IOException | RuntimeException e) {
      file.deleteIfStillThere();
      Fds.close(fd);
      throw e;
    }
    return new UnixFileSocket(fd, file::deleteIfStillThere);
  }

  private static String reason(FileSystemException e) {
    String reason = e.getReason();
    return e instanceof AccessDeniedException || reason == null
        ? "this process may not look at " + e.getFile() + ": change the directories' permissions"
        : e.getFile() + ": " + reason;
  }
}
