package dev.fid.cli.bench.workload;

import java.util.Locale;

/// The families of a relay's two sides, client's first.
public enum Pair {
  TCP_TCP(Side.TCP, Side.TCP),
  TCP_UNIX(Side.TCP, Side.UNIX),
  UNIX_TCP(Side.UNIX, Side.TCP),
  UNIX_UNIX(Side.UNIX, Side.UNIX),
  UDP_UDP(Side.UDP, Side.UDP);

  /// A family that load is made for.
  public enum Side {
    TCP,
    UNIX,
    UDP;

    private String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Side front;
  private final Side back;

  Pair(Side front, Side back) {
    this.front = front;
    this.back = back;
  }

  /// As the command line has it: `tcp-unix`.
  public String id() {
    return front.id() + "-" + back.id();
  }

  public Side front() {
    return front;
  }

  public Side back() {
    return back;
  }

  /// Whether congestion control makes a difference.
  public boolean hasTcp() {
    return front == Side.TCP || back == Side.TCP;
  }

  public boolean datagrams() {
    return front == Side.UDP;
  }
}
