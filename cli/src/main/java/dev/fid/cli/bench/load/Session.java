package dev.fid.cli.bench.load;

/// One connection through the relay, known to both of its ends by the number that it begins with.
final class Session {
  /// The number is its first eight bytes.
  static final int GREETING = 8;

  /// Any two primes: flows begin at different places of the pattern.
  private static final long UP_STRIDE = 31_337;

  private static final long DOWN_STRIDE = 15_485_863;

  private final StreamTrial trial;
  private final long id;
  private final Flow up;
  private final Flow down;

  Session(StreamTrial trial, long id) {
    this.trial = trial;
    this.id = id;
    up = new Flow(id * UP_STRIDE % Pattern.PERIOD);
    down = new Flow(id * DOWN_STRIDE % Pattern.PERIOD);
  }

  StreamTrial trial() {
    return trial;
  }

  long id() {
    return id;
  }

  /// From the client to the back end.
  Flow up() {
    return up;
  }

  Flow down() {
    return down;
  }

  boolean complete() {
    return up.complete() && down.complete();
  }

  @Override
  public String toString() {
    return "connection " + id + ": upstream " + up + ", downstream " + down;
  }
}
