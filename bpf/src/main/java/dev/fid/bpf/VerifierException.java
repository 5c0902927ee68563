package dev.fid.bpf;

/// The kernel's verifier rejected a program; the message ends with the last lines of its log.
public final class VerifierException extends BpfException {
  private static final int LINES = 5;

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
    var lines = log.strip().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
  }
}
