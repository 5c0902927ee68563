package dev.fid.cli.bench.peer;

import dev.fid.cli.bench.workload.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Fid itself, as `fid run`, in one of the ways that it can carry a pipe.
public enum FidPeer implements Peer {
  /// Both directions in the kernel.
  KERNEL("fid", "Fid in the kernel (half_close: end)", "half_close: end", false),
  /// The same, but for bulk.
  BULK(
      "fid-bulk",
      "Fid, whose relay takes bulk (half_close: end, bulk: relay)",
      "half_close: end\n    bulk: relay",
      false),
  /// Some directions in the kernel, where a side is UNIX.
  KEEP("fid-keep", "Fid with half_close: keep, its default", "half_close: keep", false),
  RELAY("fid-relay", "Fid's relay in user space (fid run --relay)", "half_close: keep", true);

  private static final String MAIN = "dev.fid.cli.Main";

  private final String id;
  private final String description;
  private final String rules;
  private final boolean relay;

  FidPeer(String id, String description, String rules, boolean relay) {
    this.id = id;
    this.description = description;
    this.rules = rules;
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

  /// Where it is another way than [#KERNEL]: `keep` and `end` are the same between TCP sockets,
  /// only what TCP clients send is relayed as bulk, and datagrams have no end and no bulk.
  @Override
  public boolean measures(Pair pair) {
    return switch (this) {
      case KERNEL, RELAY -> true;
      case BULK -> pair.front() == Pair.Side.TCP;
      case KEEP -> pair != Pair.TCP_TCP && !pair.datagrams();
    };
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
            %s
        """
            .formatted(ends.frontUri(), ends.backUri(), rules));
  }
}
