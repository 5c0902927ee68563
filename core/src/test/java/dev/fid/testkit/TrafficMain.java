package dev.fid.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/// The kit as a command, for a relay in another process: prints one line, and what was wrong, and
/// exits with 1 where a byte was.
public final class TrafficMain {
  private static final String USAGE =
      """
      usage: TrafficMain MODE --front URI --back URI [OPTION VALUE]...
      MODE: traffic, short, ping, stall.  URI: tcp://HOST:PORT, unix:///PATH
      Listens on --back, where the relay connects to, and connects to --front.

      traffic   --connections 8 --bytes 64MiB (--up, --down) --runs 1 --at-once N
                --ending client-first|server-first|both-at-once|at-end|random
                --pauses 0.01 --longest-pause MILLIS --write BYTES
                --stall upstream|downstream --stall-after BYTES --stall-for MILLIS
      short     --connections 20000 --at-once 32
      ping      --connections 1 --round-trips 1000 --bytes 64 --idle MILLIS
      stall     --direction upstream|downstream --hold MILLIS --most BYTES
      all       --seed 1 --patience MILLIS
      """;

  private TrafficMain() {}

  public static void main(String[] words) throws InterruptedException {
    System.exit(run(words, System.out, new PrintStream(System.err, true, UTF_8)));
  }

  /// 0 clean, 1 wrong or failed, 2 bad usage.
  static int run(String[] words, PrintStream out, PrintStream err) throws InterruptedException {
    try {
      Options options = Options.parse(words);
      SocketAddress front = options.address("front");
      SocketAddress back = options.address("back");
      return switch (options.mode()) {
        case "traffic" -> traffic(front, back, options, out);
        case "short" -> shortConnections(front, back, options, out);
        case "ping" -> ping(front, back, options, out);
        case "stall" -> stall(front, back, options, out);
        default -> throw new IllegalArgumentException("no such mode: " + options.mode());
      };
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      err.print(USAGE);
      return 2;
    } catch (IOException e) {
      err.println(e);
      return 1;
    }
  }

  private static int traffic(
      SocketAddress front, SocketAddress back, Options options, PrintStream out)
      throws IOException, InterruptedException {
    TrafficPlan plan = plan(options);
    int runs = (int) options.number("runs", 1);
    options.assertAllUsed();
    try (BackEnd server = BackEnd.listen(back)) {
      return report(Traffic.repeat(front, server, plan, runs), out);
    }
  }

  private static TrafficPlan plan(Options options) {
    long bytes = options.bytes("bytes", 64L << 20);
    TrafficPlan plan =
        new TrafficPlan((int) options.number("connections", 8), bytes)
            .bytes(options.bytes("up", bytes), options.bytes("down", bytes))
            .ending(options.one(Ending.class, "ending", Ending.RANDOM))
            .pauses(options.fraction("pauses", 0), options.millis("longest-pause", 3))
            .stall(
                options.one(Direction.class, "stall", Direction.UPSTREAM),
                options.bytes("stall-after", 0),
                options.millis("stall-for", 0))
            .patience(options.millis("patience", 10_000))
            .seed(options.number("seed", 1));
    int write = (int) options.bytes("write", 0);
    if (write > 0) {
      plan.sizes(Sizes.fixed(write));
    }
    return plan.atOnce((int) options.number("at-once", plan.connections));
  }

  private static int shortConnections(
      SocketAddress front, SocketAddress back, Options options, PrintStream out)
      throws IOException, InterruptedException {
    TrafficPlan plan =
        TrafficPlan.shortConnections(
                (int) options.number("connections", 20_000), (int) options.number("at-once", 32))
            .patience(options.millis("patience", 10_000))
            .seed(options.number("seed", 1));
    options.assertAllUsed();
    try (BackEnd server = BackEnd.listen(back)) {
      return report(Traffic.run(front, server, plan), out);
    }
  }

  private static int report(TrafficResult result, PrintStream out) {
    out.println(result + result.details());
    return result.clean() ? 0 : 1;
  }

  private static int ping(SocketAddress front, SocketAddress back, Options options, PrintStream out)
      throws IOException, InterruptedException {
    int connections = (int) options.number("connections", 1);
    int roundTrips = (int) options.number("round-trips", 1000);
    int bytes = (int) options.bytes("bytes", 64);
    Duration idle = options.millis("idle", 0);
    Duration patience = options.millis("patience", 60_000);
    options.assertAllUsed();
    try (Echo echo = Echo.listen(back);
        PingPong crowd = PingPong.open(front, connections)) {
      Thread.sleep(idle);
      PingPong.Result result = crowd.talk(roundTrips, bytes, patience);
      out.println(result + ", " + echo.accepted() + " reached the back end");
      return result.wrong().isEmpty() ? 0 : 1;
    }
  }

  private static int stall(
      SocketAddress front, SocketAddress back, Options options, PrintStream out)
      throws IOException, InterruptedException {
    Direction direction = options.one(Direction.class, "direction", Direction.UPSTREAM);
    Duration hold = options.millis("hold", 10_000);
    long most = options.bytes("most", Stall.MOST);
    Duration patience = options.millis("patience", 10_000);
    options.assertAllUsed();
    try (BackEnd server = BackEnd.listen(back);
        Stall stall = Stall.push(front, server, direction, hold)) {
      boolean bounded = stall.pushed() <= most && stall.stopped();
      List<Fault> faults = stall.drain(patience);
      boolean clean = bounded && faults.isEmpty();
      out.println(
          (clean ? "clean: " : "WRONG: ")
              + stall.pushed()
              + " bytes until stopped, then "
              + faults);
      return clean ? 0 : 1;
    }
  }
}
