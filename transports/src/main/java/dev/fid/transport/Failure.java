package dev.fid.transport;

import dev.fid.os.Errno;
import java.io.IOException;

/// Says what was tried, why it failed and what to do, in one line.
public final class Failure {
  private Failure() {}

  /// `listen on tcp://127.0.0.1:80: EACCES (Permission denied): ports below 1024 need ...`
  ///
  /// @param advice what to do, or empty where there is nothing to add
  public static IOException of(String attempt, int errno, String advice) {
    return of(attempt, reason(errno, advice));
  }

  public static IOException of(String attempt, String reason) {
    return new IOException(attempt + ": " + reason);
  }

  public static String reason(int errno, String advice) {
    String reason = Errno.name(errno) + " (" + Errno.text(errno) + ")";
    return advice.isEmpty() ? reason : reason + ": " + advice;
  }

  /// What to do about an errno that means the same for every family; empty for any other.
  public static String commonAdvice(int errno) {
    return switch (errno) {
      case Errno.EMFILE -> "raise this process's limit of open files (ulimit -n, LimitNOFILE=)";
      case Errno.ENFILE -> "raise the system's limit of open files (sysctl fs.file-max)";
      case Errno.ENOBUFS, Errno.ENOMEM -> "the kernel is out of memory for sockets";
      default -> "";
    };
  }
}
