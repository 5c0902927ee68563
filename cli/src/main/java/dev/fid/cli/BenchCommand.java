package dev.fid.cli;

import dev.fid.cli.bench.Bench;
import dev.fid.cli.bench.Preflight;
import dev.fid.cli.bench.Settings;
import dev.fid.cli.bench.peer.Peer;
import dev.fid.cli.bench.peer.Peers;
import dev.fid.cli.bench.report.HtmlReport;
import dev.fid.cli.bench.report.JsonReport;
import dev.fid.cli.bench.report.Report;
import dev.fid.cli.bench.report.TextReport;
import dev.fid.cli.bench.workload.Pair;
import dev.fid.cli.bench.workload.Workload;
import dev.fid.cli.bench.workload.Workloads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `fid bench`: Fid beside other relays on this machine.
@Command(
    name = "bench",
    description = {
      "Measures Fid beside the relays that are installed here, and no relay at all.",
      "Needs root: it works in network namespaces of its own. Exits with 1 where a relay lost or spoilt a byte."
    })
final class BenchCommand implements Callable<Integer> {
  private static final int ROUNDS = 5;
  private static final Duration QUICK = Duration.ofMillis(400);
  private static final Duration FULL = Duration.ofMillis(1500);

  @Option(
      names = "--quick",
      description = {
        "A few minutes: tcp-tcp, cubic, some of the workloads, short rounds. Other options still choose."
      })
  private boolean quick;

  @Option(
      names = "--pairs",
      split = ",",
      paramLabel = "PAIR",
      description = "Of tcp-tcp, tcp-unix, unix-tcp, unix-unix, udp-udp (default: all).")
  private List<String> pairs = List.of();

  @Option(
      names = "--workloads",
      split = ",",
      paramLabel = "WORKLOAD",
      description = "By name; --list names them (default: all).")
  private List<String> workloads = List.of();

  @Option(
      names = "--relays",
      split = ",",
      paramLabel = "RELAY",
      description = "By name; --list names them (default: all that are installed).")
  private List<String> relays = List.of();

  @Option(
      names = "--congestion",
      split = ",",
      paramLabel = "NAME",
      description = "TCP's congestion controls (default: cubic,bbr where the kernel has them).")
  private List<String> controls = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Each relay's turns in each workload (default: 5).")
  private int rounds = ROUNDS;

  @Option(
      names = "--duration",
      paramLabel = "DURATION",
      converter = RunCommand.Grace.class,
      description = "Of each round (default: 1500ms, with --quick 400ms).")
  private @Nullable Duration duration;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Round trips as an open loop of so many requests a second (default: closed).")
  private long rate;

  @Option(names = "--json", description = "Prints the report as JSON.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Writes the report as one page with charts.")
  private @Nullable Path html;

  @Option(
      names = "--netty-jar",
      paramLabel = "FILE",
      description = "Of the relay in Fid's module bench (default: bench/target/fid-bench.jar).")
  private Path nettyJar = Path.of("bench/target/fid-bench.jar");

  @Option(names = "--list", description = "Names workloads and relays, and measures nothing.")
  private boolean list;

  @Spec private @Nullable CommandSpec spec;

  private final PrintWriter out;

  BenchCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    if (list) {
      list();
      return 0;
    }
    Settings settings = settings();
    Preflight.check();
    PrintWriter err = command().commandLine().getErr();
    Report report = new Bench(settings, err::println).run();
    out.print(json ? JsonReport.of(report) + "\n" : TextReport.of(report));
    out.flush();
    if (html != null) {
      Files.writeString(html, HtmlReport.of(report));
    }
    return report.hasFailures() ? 1 : 0;
  }

  private Settings settings() throws IOException {
    if (rounds < 1 || rate < 0) {
      throw bad("--rounds must be at least 1, and --rate at least 0");
    }
    List<Peer> known = Peers.all(nettyJar);
    List<Peer> peers = choose("--relays", relays, known, Peer::id, known);
    for (Peer peer : peers) {
      if (!relays.isEmpty() && peer.missing().isPresent()) {
        throw bad("--relays: " + peer.id() + ": " + peer.missing().get());
      }
    }
    List<Pair> all = List.of(Pair.values());
    List<Pair> chosenPairs =
        choose("--pairs", pairs, all, Pair::id, quick ? List.of(Pair.TCP_TCP) : all);
    List<Workload> chosen =
        choose(
            "--workloads",
            workloads,
            Workloads.all(),
            Workload::id,
            quick ? Workloads.quick() : Workloads.all());
    requireSense(chosenPairs, peers, chosen);
    Duration time = duration != null ? duration : quick ? QUICK : FULL;
    return new Settings(
        controls(),
        chosenPairs,
        chosen,
        peers,
        rounds,
        Math.max(1, (int) time.toMillis()),
        rate,
        typed());
  }

  /// What was asked for by name has something to do.
  private void requireSense(List<Pair> pairs, List<Peer> peers, List<Workload> chosen) {
    for (Workload workload : chosen) {
      List<String> refusals =
          pairs.stream().flatMap(pair -> workload.refusal(pair).stream()).distinct().toList();
      if (workloads.contains(workload.id())
          && pairs.stream().allMatch(pair -> workload.refusal(pair).isPresent())) {
        throw bad(
            "--workloads: %s is not for %s: %s"
                .formatted(workload.id(), ids(pairs), String.join("; ", refusals)));
      }
    }
    for (Peer peer : peers) {
      if (relays.contains(peer.id()) && pairs.stream().noneMatch(peer::measures)) {
        throw bad("--relays: %s is not measured with %s".formatted(peer.id(), ids(pairs)));
      }
    }
  }

  private static String ids(List<Pair> pairs) {
    return pairs.stream().map(Pair::id).collect(Collectors.joining(", "));
  }

  private List<String> controls() throws IOException {
    List<String> available = Preflight.congestionControls();
    List<String> usual = quick ? List.of("cubic") : List.of("cubic", "bbr");
    return choose(
        "--congestion",
        controls,
        available,
        Function.identity(),
        usual.stream().filter(available::contains).toList());
  }

  /// Those that were named, in the order of all; or the usual ones where none was.
  private <T> List<T> choose(
      String option, List<String> names, List<T> all, Function<T, String> name, List<T> usual) {
    List<String> known = all.stream().map(name).toList();
    for (String asked : names) {
      if (!known.contains(asked)) {
        throw bad(option + ": there is no " + asked + "; there are " + String.join(", ", known));
      }
    }
    return names.isEmpty()
        ? usual
        : all.stream().filter(each -> names.contains(name.apply(each))).toList();
  }

  private void list() {
    out.println("workloads:");
    Workloads.all().forEach(each -> out.printf("  %-12s %s%n", each.id(), each.title()));
    out.println("relays:");
    for (Peer peer : Peers.all(nettyJar)) {
      String state = peer.missing().map(reason -> " (" + reason + ")").orElse("");
      out.printf("  %-12s %s%s%n", peer.id(), peer.description(), state);
    }
  }

  private String typed() {
    return "fid "
        + String.join(" ", command().root().commandLine().getParseResult().originalArgs());
  }

  private ParameterException bad(String message) {
    return new ParameterException(command().commandLine(), message);
  }

  private CommandSpec command() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets it");
    }
    return spec;
  }
}
