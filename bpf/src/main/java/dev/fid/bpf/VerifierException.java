package dev.fid.bpf;

/// The kernel's verifier rejected a program; the message ends with the lines of its log that say
/// why.
public final class VerifierException extends BpfException {
  private static final int LINES = 5;

  /// Newer kernels explain themselves at length from here on (seen on Linux 7.3).
  private static final String EXPLANATION = "Verification failed:";

  private final String log;

  VerifierException(String what, int errno, String log) {
    super(sentence(what, errno, "rejected by the verifier:\n" + tail(log)), errno);
    this.log = log;
  }

  /// The whole log.
  public String log() {
    return log;
  }

  private static String tail(String log) {
    var lines = log.lines().filter(line -> !line.isBlank()).toList();
    int end = 0;
    while (end < lines.size() && (end == 0 || !lines.get(end - 1).startsWith(EXPLANATION))) {
      end++;
    }
    return String.join("\n", lines.subList(Math.max(0, end - LINES), end));
  }
}
