package dev.fid.transport;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.splice.Family;

/// What one family of stream sockets does otherwise than the others.
@CheckReturnValue
public interface SocketRules {
  Family family();

  /// Opens an unconnected socket for a connect to this name, with the family's options set; the
  /// caller owns the descriptor.
  int open(SocketName name) throws OsException;

  /// Asks how a pending connect stands: 0 or -EISCONN when it is connected, -EALREADY while it is
  /// not, or why it has failed.
  default int connectAgain(int fd, SocketName name) {
    return Sockets.connect(fd, name);
  }

  /// Whether the kernel gives a pending connect up (ETIMEDOUT) sooner than whoever connects may
  /// want to: then another socket tries, as long as there is time.
  default boolean givesUpEarly() {
    return false;
  }

  /// True of a connected socket whose peer is itself: TCP's answer to a connect to a port on which
  /// nothing listens, when the kernel picks that very port as the local one.
  boolean isItself(int fd, SocketName name);

  /// What to do about a failed connect, or empty.
  String connectAdvice(int errno);

  /// Why a connect may get no answer, and what to do.
  String silenceAdvice();
}
