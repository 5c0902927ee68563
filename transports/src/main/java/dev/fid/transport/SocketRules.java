package dev.fid.transport;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.splice.Family;

/// What one family of stream sockets does otherwise than the others.
@CheckReturnValue
public interface SocketRules {
  Family family();

  /// Opens an unconnected socket for a connect to this name, with the family's options set; the
  /// caller owns the descriptor.
  int open(SocketName name) throws OsException;

  /// What to do about a failed connect, or empty.
  String connectAdvice(int errno);

  /// Why a connect may get no answer, and what to do.
  String silenceAdvice();
}
