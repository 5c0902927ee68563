package dev.fid.bpf;

import dev.fid.os.Errno;
import java.io.IOException;

/// The kernel or libbpf refused something; the message says what was tried, why it failed and what
/// to do about it.
public class BpfException extends IOException {
  private final int errno;

  BpfException(String message, int errno) {
    super(message);
    this.errno = errno;
  }

  static BpfException of(String what, int errno, String advice) {
    return new BpfException(sentence(what, errno, advice), errno);
  }

  /// `what: ERRNO: advice`; an empty advice is left out.
  static String sentence(String what, int errno, String advice) {
    String failed = what + ": " + Errno.name(errno);
    return advice.isEmpty() ? failed : failed + ": " + advice;
  }

  /// The kernel's error number, positive; 0 where there was none.
  public int errno() {
    return errno;
  }
}
