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
import java.util.HashMap;
import java.util.Map;

/// The relays of one pair in one namespace: started once and kept, but for workloads that want a
/// fresh one. A relay that failed is started anew.
final class Setting implements AutoCloseable {
  private static final int READY_MILLIS = 60_000;
  private static final int BACK_PORT = 900;

  /// Fronts have the ports from here up to the back end's, in turn: clients are given those from
  /// 1024 on.
  private static final int FIRST_PORT = 101;

  private static final Workload ANSWER = new Workload("answer", "", Kind.START, 1, 64);

  /// So that a relay in Java is compiled before it is measured: what ran some 10,000 times is.
  private static final int WARM_UP_MILLIS = 2_000;

  private static final Workload[] WARM_UP_OF_STREAMS = {
    new Workload("warm-up", "", Kind.ROUND_TRIPS, 16, 64),
    new Workload("warm-up", "", Kind.BULK_BOTH, 1, 128 << 10),
    new Workload("warm-up", "", Kind.CHURN, 16, 64)
  };

  private static final Workload[] WARM_UP_OF_DATAGRAMS = {
    new Workload("warm-up", "", Kind.ROUND_TRIPS, 16, 64),
    new Workload("warm-up", "", Kind.ONE_WAY, 16, 64, 10_000)
  };

  private final NetworkNamespace namespace;
  private final Pair pair;
  private final Path folder;
  private final Settings settings;
  private final Map<String, RelayProcess> running = new HashMap<>();
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

  @SuppressWarnings("MustBeClosedChecker") // kept, and closed with this
  private Outcome warm(Peer peer, Workload workload) throws IOException {
    RelayProcess relay = running.get(peer.id());
    if (relay == null) {
      relay = start(peer);
      running.put(peer.id(), relay);
      Outcome ready = answer(relay);
      for (Workload warmUp : pair.datagrams() ? WARM_UP_OF_DATAGRAMS : WARM_UP_OF_STREAMS) {
        if (ready.good()) {
          ready = namespace.run(order(relay, warmUp, WARM_UP_MILLIS));
        }
      }
      if (!ready.good()) {
        return dropped(peer, relay, ready);
      }
    }
    Outcome outcome = namespace.run(order(relay, workload, settings.millis()));
    return outcome.good() ? outcome : dropped(peer, relay, outcome);
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
    running.values().forEach(RelayProcess::close);
  }
}
