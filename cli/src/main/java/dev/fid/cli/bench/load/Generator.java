package dev.fid.cli.bench.load;

import dev.fid.cli.bench.workload.Kind;
import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Order;
import dev.fid.cli.bench.workload.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/// Carries out orders, one after the other. Its loops live as long as the process, so that they are
/// compiled once.
final class Generator {
  /// A third of the processors for clients, for back ends, and for the relay.
  private static final int SHARES = 3;

  private static final long SETTLE_MILLIS = 300;
  private static final long LOOK_NANOS = 50_000_000;
  private static final double MICRO = 1e3;

  private final List<Loop> clients = new ArrayList<>();
  private final List<Loop> servers = new ArrayList<>();
  private final Set<String> listening = new HashSet<>();
  private final Map<Long, Session> sessions = new ConcurrentHashMap<>();
  private final Map<Long, DatagramClient> clientsOfDatagrams = new ConcurrentHashMap<>();
  private final Duration patience;
  private final AtomicLong lastSession = new AtomicLong();

  /// @param patience how long bytes, ends and connections may take to arrive
  Generator(Duration patience) throws IOException {
    this.patience = patience;
    Pattern pattern = new Pattern();
    int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / SHARES);
    for (int i = 0; i < loops; i++) {
      clients.add(Loop.start("clients-" + i, pattern));
      servers.add(Loop.start("back-end-" + i, pattern));
    }
  }

  Duration patience() {
    return patience;
  }

  List<Loop> loops() {
    return Stream.concat(clients.stream(), servers.stream()).toList();
  }

  Loop clientLoop(int index) {
    return clients.get(Math.floorMod(index, clients.size()));
  }

  Session session(StreamTrial trial) {
    Session session = new Session(trial, lastSession.incrementAndGet());
    sessions.put(session.id(), session);
    return session;
  }

  void forget(Session session) {
    sessions.remove(session.id());
  }

  DatagramClient client(DatagramTrial trial, Loop loop, int fd) {
    DatagramClient client = new DatagramClient(trial, loop, lastSession.incrementAndGet(), fd);
    clientsOfDatagrams.put(client.id(), client);
    return client;
  }

  void forget(DatagramClient client) {
    clientsOfDatagrams.remove(client.id());
  }

  Outcome run(Order order) throws IOException, InterruptedException {
    if (listening.add(order.back())) {
      listen(Target.parse(order.back()));
    }
    return switch (order.workload().kind()) {
      case IDLE -> idle(order);
      case START -> start(order);
      case ROUND_TRIPS, BULK_UP, BULK_BOTH, ONE_WAY, CHURN, SEND_CLOSE -> timed(order);
    };
  }

  private void listen(Target target) throws IOException {
    if (target.datagrams()) {
      DatagramBackEnd.listen(target, servers.getFirst(), clientsOfDatagrams);
    } else {
      BackEnd.listen(target, servers, sessions);
    }
  }

  private Outcome timed(Order order) throws InterruptedException {
    Trial trial = Trial.of(this, order);
    try {
      trial.open();
      long from = System.nanoTime() + order.warmUpMillis() * 1_000_000L;
      long end = from + order.millis() * 1_000_000L;
      trial.measure(from, end);
      if (order.rate() > 0) {
        trial.pace(order.rate());
      }
      sleepUntil(from);
      Progress before = Progress.of(trial);
      while (System.nanoTime() < end && trial.fault() == null) {
        sleepUntil(Math.min(end, System.nanoTime() + LOOK_NANOS));
        trial.during();
      }
      Progress done = Progress.of(trial).minus(before);
      trial.unpace();
      trial.finish();
      String fault = trial.fault();
      return fault == null ? Outcome.of(figures(order, trial, done)) : Outcome.failed(fault);
    } finally {
      trial.abandon();
    }
  }

  private static Map<Metric, Double> figures(Order order, Trial trial, Progress done) {
    Map<Metric, Double> figures = new EnumMap<>(Metric.class);
    Kind kind = order.workload().kind();
    switch (kind) {
      case ROUND_TRIPS -> {
        Histogram latencies = trial.latencies();
        figures.put(Metric.TRIPS, done.count() / done.seconds());
        figures.put(Metric.P50, latencies.getValueAtPercentile(50) / MICRO);
        figures.put(Metric.P99, latencies.getValueAtPercentile(99) / MICRO);
        figures.put(Metric.P999, latencies.getValueAtPercentile(99.9) / MICRO);
        figures.put(Metric.CPU_A_TRIP, done.cpu() * 1e6 / done.count());
      }
      case BULK_UP, BULK_BOTH -> {
        figures.put(Metric.THROUGHPUT, done.bytes() / done.seconds() / 1e9);
        figures.put(Metric.CPU_A_GB, done.cpu() / (done.bytes() / 1e9));
      }
      case ONE_WAY -> {
        Histogram latencies = trial.latencies();
        figures.put(Metric.DATAGRAMS, done.count() / done.seconds());
        figures.put(Metric.LOST, trial.lost());
        figures.put(Metric.P50, latencies.getValueAtPercentile(50) / MICRO);
        figures.put(Metric.P99, latencies.getValueAtPercentile(99) / MICRO);
        figures.put(Metric.CPU_A_DATAGRAM, done.cpu() * 1e6 / done.count());
      }
      case CHURN, SEND_CLOSE -> {
        figures.put(Metric.CONNECTIONS, done.count() / done.seconds());
        figures.put(Metric.CPU_A_CONNECTION, done.cpu() * 1e6 / done.count());
      }
      case IDLE, START -> throw new IllegalArgumentException(kind + " is not timed");
    }
    return figures;
  }

  private Outcome idle(Order order) throws IOException, InterruptedException {
    Trial trial = Trial.of(this, order);
    MemoryUse before = MemoryUse.of(order.relay());
    try {
      trial.open();
      Thread.sleep(SETTLE_MILLIS);
      MemoryUse after = MemoryUse.of(order.relay());
      trial.finish();
      String fault = trial.fault();
      if (fault != null) {
        return Outcome.failed(fault);
      }
      double connections = order.workload().connections() * 1024.0;
      return Outcome.of(
          Map.of(
              Metric.PROCESS_MEMORY,
              (after.proportional() - before.proportional()) / connections,
              Metric.KERNEL_MEMORY,
              (after.kernel() - before.kernel()) / connections));
    } finally {
      trial.abandon();
    }
  }

  /// Tries until an answer comes: the relay is starting.
  private Outcome start(Order order) throws IOException, InterruptedException {
    long patience = System.nanoTime() + order.millis() * 1_000_000L;
    while (true) {
      Trial trial = Trial.of(this, order);
      try {
        trial.open();
        long now = System.nanoTime();
        trial.finish();
        String fault = trial.fault();
        if (fault == null) {
          double resident = MemoryUse.of(order.relay()).resident() / (double) (1 << 20);
          return Outcome.of(
              Map.of(Metric.READY, (now - order.since()) / 1e6, Metric.RESIDENT, resident));
        }
        if (now > patience || !alive(order.relay())) {
          return Outcome.failed(
              "%d ms after its start it does not answer: %s"
                  .formatted((now - order.since()) / 1_000_000, fault));
        }
      } finally {
        trial.abandon();
      }
      Thread.sleep(1);
    }
  }

  private static boolean alive(long relay) {
    return relay == 0 || ProcessHandle.of(relay).isPresent();
  }

  private static void sleepUntil(long time) throws InterruptedException {
    long left = time - System.nanoTime();
    if (left > 0) {
      Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
    }
  }
}
