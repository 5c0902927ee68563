package dev.fid.cli.bench.peer;

import dev.fid.cli.bench.workload.Pair;
import java.util.List;
import java.util.Optional;

/// HAProxy in TCP mode: with splice(2) where it thinks it worth it, or for all that it moves. The
/// first is better at short messages, the second at bulk.
public enum HaProxy implements Peer {
  AUTO("haproxy", "option splice-auto"),
  SPLICE("haproxy-splice", "option splice-request", "option splice-response");

  private final String id;

  @SuppressWarnings("ImmutableEnumChecker") // List.of() is
  private final List<String> options;

  @SuppressWarnings("ImmutableEnumChecker") // a record of names
  private final Program program = Program.named("haproxy", "haproxy");

  HaProxy(String id, String... options) {
    this.id = id;
    this.options = List.of(options);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String description() {
    return "HAProxy, mode tcp, " + String.join(", ", options) + ", a thread a processor";
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
          %s
          maxconn 20000
          timeout connect 5s
          timeout client 1h
          timeout server 1h
        listen bench
          bind %s backlog 4096
          server back %s
        """
            .formatted(String.join("\n  ", options), ends.front("unix@"), ends.back("unix@")));
  }
}
