package dev.fid.cli.bench.peer;

import java.util.List;
import java.util.Optional;

/// socat with a process a connection, as it is used in shells.
public final class Socat implements Peer {
  private final Program program = Program.named("socat", "socat");

  @Override
  public String id() {
    return "socat";
  }

  @Override
  public String description() {
    return "socat, fork, nodelay";
  }

  @Override
  public Optional<String> missing() {
    return program.missing();
  }

  @Override
  public String version() {
    return program.versionLine("-V", "socat version");
  }

  @Override
  public Launch launch(Ends ends) {
    String front =
        ends.pair().tcpFront()
            ? "TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr,nodelay,fork,backlog=4096"
                .formatted(ends.frontPort())
            : "UNIX-LISTEN:%s,fork,backlog=4096".formatted(ends.frontPath());
    String back =
        ends.pair().tcpBack()
            ? "TCP:" + ends.backHostPort() + ",nodelay"
            : "UNIX-CONNECT:" + ends.backPath();
    return Launch.of(List.of(program.path(), front, back));
  }
}
