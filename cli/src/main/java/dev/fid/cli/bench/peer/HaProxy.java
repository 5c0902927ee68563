package dev.fid.cli.bench.peer;

import dev.fid.cli.bench.workload.Pair;
import java.util.List;
import java.util.Optional;

/// HAProxy in TCP mode, with splice(2) where it thinks it worth it.
public final class HaProxy implements Peer {
  private final Program program = Program.named("haproxy", "haproxy");

  @Override
  public String id() {
    return "haproxy";
  }

  @Override
  public String description() {
    return "HAProxy, mode tcp, option splice-auto, a thread a processor";
  }

  @Override
  public Optional<String> missing() {
    return program.missing();
  }

  @Override
  public String version() {
    return program.versionLine("-v", "version");
  }

  /// UDP is for its logs alone.
  @Override
  public boolean measures(Pair pair) {
    return !pair.datagrams();
  }

  @Override
  public Launch launch(Ends ends) {
    return new Launch(
        List.of(program.path(), "-db", "-f", ends.file(".cfg").toString()),
        ends.file(".cfg"),
        """
        defaults
          mode tcp
          option splice-auto
          maxconn 20000
          timeout connect 5s
          timeout client 1h
          timeout server 1h
        listen bench
          bind %s backlog 4096
          server back %s
        """
            .formatted(ends.front("unix@"), ends.back("unix@")));
  }
}
