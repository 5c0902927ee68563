package dev.fid.transport.unix;

import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.splice.Family;
import dev.fid.transport.SocketRules;

/// UNIX sockets of a type that has connections, and what to do when a call on one fails.
record UnixSockets(Family family) implements SocketRules {

  @Override
  public int open(SocketName name) throws OsException {
    return Sockets.socket(Sockets.AF_UNIX, family.type());
  }

  @Override
  public boolean isItself(int fd, SocketName name) {
    return false;
  }

  String listenAdvice(int errno) {
    return switch (errno) {
      case Errno.EADDRINUSE ->
          "another process listens there: stop it (`ss -xlp` names it), or choose another address";
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
  public String connectAdvice(int errno) {
    return switch (errno) {
      case Errno.ENOENT -> "there is no such socket file: start the backend, or correct the path";
      case Errno.ECONNREFUSED -> "nothing listens there: start the backend, or correct the path";
      case Errno.EACCES, Errno.EPERM ->
          "this process may not write to the socket file, or not enter its directory: change"
              + " their permissions, or run with the backend's group";
      case Errno.EPROTOTYPE ->
          "the backend's socket is of another type than that of %s://: `ss -xa` shows which (str, dgr, seq)"
              .formatted(family.scheme());
      case Errno.ENOTDIR -> "a part of the path is not a directory";
      default -> "";
    };
  }

  @Override
  public String silenceAdvice() {
    return "the backend's queue stayed full: it accepts too slowly, or its backlog is too short";
  }
}
