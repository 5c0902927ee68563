package dev.fid.cli.bench.peer;

import dev.fid.cli.bench.workload.Pair;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// systemd-socket-proxyd, started as a socket unit would start it: at its first connection.
public final class SystemdProxy implements Peer {
  private final Program proxy =
      new Program(
          "systemd-socket-proxyd",
          "systemd",
          List.of(Path.of("/usr/lib/systemd"), Path.of("/lib/systemd")));
  private final Program activate = Program.named("systemd-socket-activate", "systemd");

  @Override
  public String id() {
    return "systemd";
  }

  @Override
  public String description() {
    return "systemd-socket-proxyd";
  }

  @Override
  public Optional<String> missing() {
    return proxy.missing().or(activate::missing);
  }

  @Override
  public String version() {
    return proxy.versionLine("--version", "systemd");
  }

  /// Streams only.
  @Override
  public boolean measures(Pair pair) {
    return !pair.datagrams();
  }

  @Override
  public Launch launch(Ends ends) {
    return Launch.of(
        List.of(
            activate.path(),
            "-l",
            ends.front(""),
            proxy.path(),
            "--connections-max=20000",
            ends.back("")));
  }
}
