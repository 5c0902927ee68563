package dev.fid.testkit;

import java.time.Duration;
import java.util.SplittableRandom;

/// What one run of [Traffic] does; the methods change this plan and return it.
///
/// The defaults: all connections at once, mixed sizes, no pauses, [Ending#RANDOM], 10 s of
/// patience, seed 1.
public final class TrafficPlan {
  private static final Ending[] HALF_CLOSES = {
    Ending.CLIENT_FIRST, Ending.SERVER_FIRST, Ending.BOTH_AT_ONCE
  };

  final int connections;
  int atOnce;
  long upstream;
  long downstream;
  boolean randomTotals;
  boolean answers;
  Sizes sizes = Sizes.mixed();
  double pauses;
  Duration longestPause = Duration.ZERO;
  Ending ending = Ending.RANDOM;
  long rate = Long.MAX_VALUE;
  Direction stalls = Direction.UPSTREAM;
  long stallAfter;
  Duration stall = Duration.ZERO;
  Duration patience = Duration.ofSeconds(10);
  long seed = 1;

  /// So many connections, each with `bytes` in both directions.
  public TrafficPlan(int connections, long bytes) {
    this.connections = connections;
    this.atOnce = connections;
    this.upstream = bytes;
    this.downstream = bytes;
  }

  /// Short connections: the client sends up to 4 KiB and half-closes at once, the back end answers
  /// with as much.
  public static TrafficPlan shortConnections(int connections, int atOnce) {
    return new TrafficPlan(connections, 4096).randomTotals().answers().atOnce(atOnce);
  }

  /// Opens a connection only while fewer than this many are open.
  public TrafficPlan atOnce(int most) {
    atOnce = most;
    return this;
  }

  /// Payload bytes of each connection, which may be 0.
  public TrafficPlan bytes(long up, long down) {
    upstream = up;
    downstream = down;
    return this;
  }

  /// Each direction of each connection has a random number of bytes, from 0 up to the plan's.
  public TrafficPlan randomTotals() {
    randomTotals = true;
    return this;
  }

  /// The back end sends nothing before the client's EOF, as a server does that answers a request.
  public TrafficPlan answers() {
    answers = true;
    ending = Ending.CLIENT_FIRST;
    return this;
  }

  public TrafficPlan sizes(Sizes writes) {
    sizes = writes;
    return this;
  }

  /// After each write and each read, with this probability, a pause of up to `longest`.
  public TrafficPlan pauses(double probability, Duration longest) {
    pauses = probability;
    longestPause = longest;
    return this;
  }

  /// Senders write no more than so many bytes a second, each for itself.
  public TrafficPlan rate(long bytesPerSecond) {
    rate = bytesPerSecond;
    return this;
  }

  public TrafficPlan ending(Ending mode) {
    ending = mode;
    return this;
  }

  /// The reader of this direction stops for `length` once it has read `after` bytes.
  public TrafficPlan stall(Direction direction, long after, Duration length) {
    stalls = direction;
    stallAfter = after;
    stall = length;
    return this;
  }

  /// How long no byte may move before the run is given up.
  public TrafficPlan patience(Duration longest) {
    patience = longest;
    return this;
  }

  public TrafficPlan seed(long number) {
    seed = number;
    return this;
  }

  Pattern pattern(Direction direction, long number) {
    return new Pattern(seed, direction, number);
  }

  SplittableRandom random(Direction direction, long number, int purpose) {
    long word = Pattern.mix(Pattern.mix(seed * 31 + direction.salt()) + number);
    return new SplittableRandom(word + purpose);
  }

  long total(Direction direction, long number) {
    long most = direction == Direction.UPSTREAM ? upstream : downstream;
    return randomTotals ? random(direction, number, 1).nextLong(most + 1) : most;
  }

  /// What the second to half-close keeps back until it has seen the EOF: up to a half.
  long heldBack(Direction direction, long number) {
    long total = total(direction, number);
    if (answers && direction == Direction.DOWNSTREAM) {
      return total;
    }
    return total == 0 ? 0 : 1 + random(direction, number, 2).nextLong((total + 1) / 2);
  }

  /// How the connection whose client has this number ends.
  Ending ending(long client) {
    return ending == Ending.RANDOM
        ? HALF_CLOSES[random(Direction.UPSTREAM, client, 3).nextInt(HALF_CLOSES.length)]
        : ending;
  }
}
