package dev.fid.cli.bench;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.cli.bench.peer.Ends;
import dev.fid.cli.bench.peer.Peer;
import dev.fid.cli.bench.workload.Kind;
import dev.fid.cli.bench.workload.Order;
import dev.fid.cli.bench.workload.Outcome;
import dev.fid.cli.bench.workload.Pair;
import dev.fid.cli.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// The relays of one pair in one namespace: started once and kept, but for workloads that want a
/// fresh one. A relay that failed is started anew.
final class Setting implements AutoCloseable {
  private static final int READY_MILLIS = 60_000;
  private static final int BACK_PORT = 900;

  /// Fronts have the ports from here up to the back end's, in turn: clients are given those from
  /// 1024 on.
  private static final int FIRST_PORT = 101;

  private static final Workload ANSWER = new Workload("answer", "", Kind.START, 1, 64);

  private final NetworkNamespace namespace;
  private final Pair pair;
  private final Path folder;
  private final Settings settings;
  private final Map<String, Warm> running = new HashMap<>();
  private int started;

  Setting(NetworkNamespace namespace, Pair pair, Path folder, Settings settings) {
    this.namespace = namespace;
    this.pair = pair;
    this.folder = folder;
    this.settings = settings;
  }

  /// One round of one relay.
  Outcome round(Peer peer, Workload workload) throws IOException {
    return workload.kind().fresh() ? fresh(peer, workload) : warm(peer, workload);
  }

  private Outcome fresh(Peer peer, Workload workload) throws IOException {
    try (RelayProcess relay = start(peer)) {
      Outcome ready = explained(relay, answer(relay));
      if (!ready.good() || workload.kind() == Kind.START) {
        return ready;
      }
      return explained(relay, namespace.run(order(relay, workload, settings.millis())));
    }
  }

  /// A relay that runs, and the kinds of work that it is warm for.
  private record Warm(RelayProcess relay, Set<Kind> kinds) {}

  @SuppressWarnings("MustBeClosedChecker") // kept, and closed with this
  private Outcome warm(Peer peer, Workload workload) throws IOException {
    Warm warm = running.get(peer.id());
    if (warm == null) {
      warm = new Warm(start(peer), EnumSet.noneOf(Kind.class));
      running.put(peer.id(), warm);
      Outcome ready = answer(warm.relay());
      if (!ready.good()) {
        return dropped(peer, warm.relay(), ready);
      }
    }
    RelayProcess relay = warm.relay();
    if (warm.kinds().add(workload.kind())) {
      Outcome warmedUp = namespace.run(order(relay, workload, warmUpMillis(workload.kind())));
      if (!warmedUp.good()) {
        return dropped(peer, relay, warmedUp);
      }
    }
    Outcome outcome = namespace.run(order(relay, workload, settings.millis()));
    return outcome.good() ? outcome : dropped(peer, relay, outcome);
  }

  /// So that a relay in Java is compiled before it is measured. The path of a connection takes
  /// longest: 4 to 6 s at 10,000 connections a second, as the compiler shares the processors.
  private static int warmUpMillis(Kind kind) {
    return switch (kind) {
      case CHURN, SEND_CLOSE -> 5_000;
      case ROUND_TRIPS, BULK_UP, BULK_BOTH, ONE_WAY -> 2_000;
      case IDLE, START -> 0; // a fresh relay each
    };
  }

  private Outcome dropped(Peer peer, RelayProcess relay, Outcome outcome) {
    running.remove(peer.id());
    relay.close();
    return explained(relay, outcome);
  }

  private static Outcome explained(RelayProcess relay, Outcome outcome) {
    String said = relay.said();
    return outcome.good() || said.isEmpty()
        ? outcome
        : Outcome.failed(outcome.failure() + "; " + said);
  }

  @MustBeClosed
  private RelayProcess start(Peer peer) throws IOException {
    int number = started++;
    int port = FIRST_PORT + number % (BACK_PORT - FIRST_PORT);
    Ends ends = new Ends(pair, folder, peer.id() + "-" + number, port, BACK_PORT);
    return RelayProcess.start(namespace, peer, ends);
  }

  private Outcome answer(RelayProcess relay) throws IOException {
    Order order =
        new Order(
            ANSWER, relay.front(), relay.back(), 0, READY_MILLIS, 0, relay.pid(), relay.since());
    return namespace.run(order);
  }

  private Order order(RelayProcess relay, Workload workload, int millis) {
    long rate = workload.kind() == Kind.ROUND_TRIPS ? settings.rate() : workload.rate();
    return new Order(
        workload,
        relay.front(),
        relay.back(),
        settings.warmUpMillis(),
        millis,
        rate,
        relay.pid(),
        relay.since());
  }

  @Override
  public void close() {
    running.values().forEach(warm -> warm.relay().close());
  }
}
