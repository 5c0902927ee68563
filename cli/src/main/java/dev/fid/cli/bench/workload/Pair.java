package dev.fid.cli.bench.workload;

/// The families of a relay's two sides, client's first.
public enum Pair {
  TCP_TCP(true, true),
  TCP_UNIX(true, false),
  UNIX_TCP(false, true),
  UNIX_UNIX(false, false);

  private final boolean tcpFront;
  private final boolean tcpBack;

  Pair(boolean tcpFront, boolean tcpBack) {
    this.tcpFront = tcpFront;
    this.tcpBack = tcpBack;
  }

  /// As the command line has it: `tcp-unix`.
  public String id() {
    return family(tcpFront) + "-" + family(tcpBack);
  }

  public boolean tcpFront() {
    return tcpFront;
  }

  public boolean tcpBack() {
    return tcpBack;
  }

  /// Whether congestion control makes a difference.
  public boolean hasTcp() {
    return tcpFront || tcpBack;
  }

  private static String family(boolean tcp) {
    return tcp ? "tcp" : "unix";
  }
}
