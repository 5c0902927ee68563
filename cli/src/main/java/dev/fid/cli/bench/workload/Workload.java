package dev.fid.cli.bench.workload;

import java.util.Optional;

/// What is done to a relay.
///
/// @param id names it on the command line and in reports
/// @param connections at once, or clients that send datagrams
/// @param size bytes of a request and of its answer, or of one write
/// @param rate datagrams a second, of all clients together, of [Kind#ONE_WAY]; else 0
public record Workload(String id, String title, Kind kind, int connections, int size, long rate) {
  /// What fits an Ethernet frame, in round numbers.
  private static final int LONGEST_DATAGRAM = 1 << 10;

  /// One without a rate of its own.
  public Workload(String id, String title, Kind kind, int connections, int size) {
    this(id, title, kind, connections, size, 0);
  }

  /// Why it makes no sense between these families; empty: it does.
  public Optional<String> refusal(Pair pair) {
    if (!pair.datagrams()) {
      return kind == Kind.ONE_WAY
          ? Optional.of("a stream loses nothing and is held back: bulk-1 and writes-512 measure it")
          : Optional.empty();
    }
    return switch (kind) {
      case BULK_UP, BULK_BOTH ->
          Optional.of(
              "nothing holds back who sends datagrams as fast as it goes: oneway-* has a fixed rate");
      case CHURN, SEND_CLOSE -> Optional.of("datagrams have no connection to open and to close");
      case ROUND_TRIPS ->
          size > LONGEST_DATAGRAM
              ? Optional.of("datagrams that are longer than a packet are cut in pieces on the way")
              : Optional.empty();
      case ONE_WAY, IDLE, START -> Optional.empty();
    };
  }
}
