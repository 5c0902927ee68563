package dev.fid.cli.bench.peer;

import java.util.Optional;

/// No relay at all: what client, back end and kernel can do by themselves.
public final class Direct implements Peer {
  @Override
  public String id() {
    return "none";
  }

  @Override
  public String description() {
    return "no relay: the limit of the load generator and of this kernel";
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String version() {
    return "";
  }

  @Override
  public Launch launch(Ends ends) {
    return Launch.none();
  }
}
