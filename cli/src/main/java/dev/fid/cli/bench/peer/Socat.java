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
        switch (ends.pair().front()) {
          case TCP ->
              "TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr,nodelay,fork,backlog=4096"
                  .formatted(ends.frontPort());
          case UNIX -> "UNIX-LISTEN:%s,fork,backlog=4096".formatted(ends.frontPath());
          case UDP -> "UDP-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork".formatted(ends.frontPort());
        };
    String back =
        switch (ends.pair().back()) {
          case TCP -> "TCP:" + ends.backHostPort() + ",nodelay";
          case UNIX -> "UNIX-CONNECT:" + ends.backPath();
          case UDP -> "UDP:" + ends.backHostPort();
        };
    return Launch.of(List.of(program.path(), front, back));
  }
}
