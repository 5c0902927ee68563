package dev.fid.cli.bench;

import dev.fid.cli.bench.peer.Ends;
import dev.fid.cli.bench.peer.Peer;
import dev.fid.cli.bench.report.Cell;
import dev.fid.cli.bench.report.Cells;
import dev.fid.cli.bench.report.Machine;
import dev.fid.cli.bench.report.PeerNote;
import dev.fid.cli.bench.report.Report;
import dev.fid.cli.bench.workload.Outcome;
import dev.fid.cli.bench.workload.Pair;
import dev.fid.cli.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Runs every workload on every relay, in rounds, so that what else the machine does hits all of
/// them alike.
public final class Bench {
  /// Processors' worth of other work that spoils figures.
  private static final double BUSY = 0.1;

  private final Settings settings;
  private final Consumer<String> progress;
  private final List<Cell> cells = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final int allRounds;
  private int roundsDone;
  private long start;

  /// @param progress is told what is done now, a line at a time
  public Bench(Settings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
    allRounds =
        settings.pairs().stream()
            .mapToInt(pair -> controls(pair).size() * peers(pair).size() * workloads(pair).size())
            .sum();
  }

  public Report run() throws IOException {
    Machine machine = Machine.here(IdleCheck.busyProcessors());
    if (machine.busyBefore() > BUSY) {
      notes.add(
          "The machine was busy with other work: CPU figures count that too, and others are worth less.");
    }
    Path folder = Files.createTempDirectory("fid-bench-");
    Thread hook = new Thread(() -> Folders.delete(folder));
    Runtime.getRuntime().addShutdownHook(hook);
    String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    start = System.nanoTime();
    try {
      for (Pair pair : settings.pairs()) {
        noteRefusals(pair);
        for (String control : controls(pair)) {
          run(pair, control, folder);
        }
      }
    } finally {
      Folders.delete(folder);
      Runtime.getRuntime().removeShutdownHook(hook);
    }
    return new Report(
        settings.command(),
        started,
        machine,
        settings.loop(),
        settings.rounds(),
        settings.millis(),
        settings.peers().stream().map(this::note).toList(),
        settings.workloads(),
        List.copyOf(notes),
        List.copyOf(cells));
  }

  private List<String> controls(Pair pair) {
    return pair.hasTcp() ? settings.controls() : List.of("");
  }

  private List<Workload> workloads(Pair pair) {
    return settings.workloads().stream()
        .filter(workload -> workload.refusal(pair).isEmpty())
        .toList();
  }

  /// What is left out, by its reason.
  private void noteRefusals(Pair pair) {
    if (!pair.datagrams()) {
      return; // what streams are not measured by is of no interest to them
    }
    Map<String, List<String>> refusals = new LinkedHashMap<>();
    for (Workload workload : settings.workloads()) {
      workload
          .refusal(pair)
          .ifPresent(
              why -> refusals.computeIfAbsent(why, _ -> new ArrayList<>()).add(workload.id()));
    }
    refusals.forEach((why, names) ->
        notes.add("%s without %s: %s.".formatted(pair.id(), String.join(", ", names), why)));
  }

  private List<Peer> peers(Pair pair) {
    return settings.measured().stream().filter(peer -> peer.measures(pair)).toList();
  }

  private void run(Pair pair, String control, Path parent) throws IOException {
    Path folder = Files.createTempDirectory(parent, pair.id() + "-");
    try (NetworkNamespace namespace = NetworkNamespace.create(control);
        Setting setting = new Setting(namespace, pair, folder, settings)) {
      for (Workload workload : workloads(pair)) {
        progress.accept(
            "%s%s: %s (%d %%%s)"
                .formatted(
                    pair.id(),
                    control.isEmpty() ? "" : ", " + control,
                    workload.title(),
                    100 * roundsDone / Math.max(1, allRounds),
                    left()));
        cells.addAll(Cells.of(control, pair.id(), workload, rounds(setting, pair, workload)));
      }
    }
  }

  private Map<String, List<Outcome>> rounds(Setting setting, Pair pair, Workload workload)
      throws IOException {
    Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
    for (int round = 0; round < settings.rounds(); round++) {
      for (Peer peer : ordered(peers(pair), round)) {
        Outcome outcome = setting.round(peer, workload);
        outcomes.computeIfAbsent(peer.id(), _ -> new ArrayList<>()).add(outcome);
        if (!outcome.good()) {
          progress.accept("  " + peer.id() + " FAILED: " + outcome.failure());
        }
      }
    }
    roundsDone += peers(pair).size();
    return outcomes;
  }

  /// A B C D, A D C B, C D A B, C B A D: nobody is always first, or always comes after the same
  /// one, and three or more never take two turns in a row.
  static <T> List<T> ordered(List<T> all, int round) {
    List<T> ordered = new ArrayList<>(all);
    Collections.rotate(ordered, -round);
    return round % 2 == 0 ? ordered : ordered.reversed();
  }

  private String left() {
    if (roundsDone == 0) {
      return "";
    }
    long nanos = (System.nanoTime() - start) / roundsDone * (allRounds - roundsDone);
    Duration left = Duration.ofNanos(nanos);
    return ", about %d:%02d min left".formatted(left.toMinutes(), left.toSecondsPart());
  }

  /// As it is started for the first pair that it does.
  private PeerNote note(Peer peer) {
    String missing = peer.missing().orElse("");
    Pair pair = settings.pairs().stream().filter(peer::measures).findFirst().orElse(Pair.TCP_TCP);
    Ends ends = new Ends(pair, Path.of("/tmp"), peer.id(), 1, 2);
    return new PeerNote(
        peer.id(),
        peer.description(),
        missing.isEmpty() ? peer.version() : "",
        missing.isEmpty() ? peer.launch(ends).text() : "",
        missing);
  }
}
