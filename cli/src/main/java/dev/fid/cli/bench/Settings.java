package dev.fid.cli.bench;

import dev.fid.cli.bench.peer.Peer;
import dev.fid.cli.bench.workload.Pair;
import dev.fid.cli.bench.workload.Workload;
import java.util.List;

/// What to measure.
///
/// @param controls of TCP congestion, one after the other
/// @param millis that each round of a workload is measured
/// @param rate requests a second of an open loop; 0: a closed one
/// @param command as it was typed
public record Settings(
    List<String> controls,
    List<Pair> pairs,
    List<Workload> workloads,
    List<Peer> peers,
    int rounds,
    int millis,
    long rate,
    String command) {
  /// Before each measured time, so that connections, buffers and compilers are warm.
  int warmUpMillis() {
    return Math.max(100, millis / 4);
  }

  List<Peer> measured() {
    return peers.stream().filter(peer -> peer.missing().isEmpty()).toList();
  }

  String loop() {
    return rate == 0 ? "closed" : "open, %,d requests a second".formatted(rate);
  }
}
