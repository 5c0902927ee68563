package dev.fid.cli.bench.peer;

import dev.fid.cli.bench.workload.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Fid itself, as `fid run`, in one of the ways that it can carry a pipe.
public enum FidPeer implements Peer {
  /// Both directions in the kernel.
  KERNEL("fid", "Fid in the kernel (half_close: end)", "end", false),
  /// Some directions in the kernel, where a side is UNIX.
  KEEP("fid-keep", "Fid with half_close: keep, its default", "keep", false),
  RELAY("fid-relay", "Fid's relay in user space (fid run --relay)", "keep", true);

  private static final String MAIN = "dev.fid.cli.Main";

  private final String id;
  private final String description;
  private final String halfClose;
  private final boolean relay;

  FidPeer(String id, String description, String halfClose, boolean relay) {
    this.id = id;
    this.description = description;
    this.halfClose = halfClose;
    this.relay = relay;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String version() {
    String version = FidPeer.class.getPackage().getImplementationVersion();
    return "fid " + (version == null ? "(not from a jar)" : version);
  }

  /// `keep` and `end` are carried in the same way between TCP sockets, and datagrams have no end.
  @Override
  public boolean measures(Pair pair) {
    return this != KEEP || (pair != Pair.TCP_TCP && !pair.datagrams());
  }

  @Override
  public Launch launch(Ends ends) {
    List<String> arguments = new ArrayList<>(List.of("run", "--grace", "0s"));
    if (relay) {
      arguments.add("--relay");
    }
    arguments.add(ends.file(".yaml").toString());
    return new Launch(
        JavaCommand.of(List.of(), MAIN, arguments),
        ends.file(".yaml"),
        """
        pipes:
          - name: bench
            listen: %s
            connect: %s
            half_close: %s
        """
            .formatted(ends.frontUri(), ends.backUri(), halfClose));
  }
}
