package dev.fid.os;

import java.io.IOException;

/// A system call failed: `bind: EADDRINUSE (Address already in use)`.
public final class OsException extends IOException {
  private final int errno;

  /// `errno` is positive, as C has it.
  public OsException(String call, int errno) {
    super(call + ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")");
    this.errno = errno;
  }

  public int errno() {
    return errno;
  }

  /// `result` if it is no error, else what it says.
  static int check(String call, int result) throws OsException {
    if (result < 0) {
      throw new OsException(call, -result);
    }
    return result;
  }
}
