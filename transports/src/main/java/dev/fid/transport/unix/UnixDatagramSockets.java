package dev.fid.transport.unix;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.splice.Family;
import dev.fid.transport.SocketRules;

/// UNIX datagram sockets, and what to do when a call on one fails.
final class UnixDatagramSockets implements SocketRules {
  @Override
  public Family family() {
    return Family.UNIX_DATAGRAM;
  }

  /// A socket with a name of its own, so that the other side can answer.
  @Override
  public int open(SocketName name) throws OsException {
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM);
    try {
      Sockets.bind(fd, SocketName.unnamed());
      return fd;
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  static String listenAdvice(int errno) {
    return switch (errno) {
      case Errno.EADDRINUSE ->
          "another process receives there: stop it (`ss -xap` names it), or choose another address";
      case Errno.EEXIST ->
          "a file that is no socket is there, and stays: move it away, or choose another path";
      case Errno.ENOENT -> "the directory does not exist: create it";
      case Errno.ENOTDIR -> "a part of the path is not a directory";
      case Errno.EACCES, Errno.EPERM ->
          "this process may not create a file in the directory: change its permissions or owner";
      default -> "";
    };
  }

  @Override
  public boolean isItself(int fd, SocketName name) {
    return false;
  }

  @Override
  public String connectAdvice(int errno) {
    return switch (errno) {
      case Errno.ENOENT -> "there is no such socket file: start the receiver, or correct the path";
      case Errno.ECONNREFUSED -> "nobody receives there: start the receiver, or correct the path";
      case Errno.EACCES, Errno.EPERM ->
          "this process may not write to the socket file, or not enter its directory: change"
              + " their permissions, or run with the receiver's group";
      case Errno.EPROTOTYPE -> "the receiver's socket is not a datagram socket: write unix://";
      case Errno.ENOTDIR -> "a part of the path is not a directory";
      default -> "";
    };
  }

  @Override
  public String silenceAdvice() {
    return "a connect of UNIX datagrams does not wait for anybody";
  }
}
