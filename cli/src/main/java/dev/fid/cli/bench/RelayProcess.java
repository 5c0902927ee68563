package dev.fid.cli.bench;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.cli.bench.peer.Ends;
import dev.fid.cli.bench.peer.Launch;
import dev.fid.cli.bench.peer.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A relay that runs in a namespace, or none where clients connect to the back end.
final class RelayProcess implements AutoCloseable {
  private final Ends ends;
  private final Launch launch;
  private final @Nullable Process process;
  private final Path log;
  private final long since;
  private final long startMillis = System.currentTimeMillis();

  private RelayProcess(Ends ends, Launch launch, @Nullable Process process, Path log, long since) {
    this.ends = ends;
    this.launch = launch;
    this.process = process;
    this.log = log;
    this.since = since;
  }

  @MustBeClosed
  static RelayProcess start(NetworkNamespace namespace, Peer peer, Ends ends) throws IOException {
    Launch launch = peer.launch(ends);
    Path log = ends.folder().resolve(ends.name() + ".log");
    if (!launch.configuration().isEmpty()) {
      Files.writeString(launch.file(), launch.configuration());
    }
    long since = System.nanoTime();
    Process process = launch.command().isEmpty() ? null : start(namespace, launch.command(), log);
    return new RelayProcess(ends, launch, process, log, since);
  }

  private static Process start(NetworkNamespace namespace, List<String> command, Path log)
      throws IOException {
    return new ProcessBuilder(Children.dyingWithUs(namespace.entering(command)))
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  Launch launch() {
    return launch;
  }

  /// Where clients connect.
  String front() {
    return process == null ? ends.directUri() : ends.frontUri();
  }

  String back() {
    return process == null ? ends.directUri() : ends.backUri();
  }

  /// 0 where there is none.
  long pid() {
    return process == null ? 0 : process.pid();
  }

  /// CLOCK_MONOTONIC as it was started, in ns.
  long since() {
    return since;
  }

  /// The end of what it has printed, and when the last of it was; empty where it printed nothing.
  String said() {
    try {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
      if (lines.isEmpty()) {
        return "";
      }
      long last = Files.getLastModifiedTime(log).toMillis() - startMillis;
      return last
          + " ms after its start the relay said: "
          + String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    if (process != null) {
      Children.end(process);
    }
  }
}
