package dev.fid.cli.bench.load;

import dev.fid.cli.bench.workload.Kind;
import dev.fid.cli.bench.workload.Order;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// The connections of one order, what they got done, and the first thing that went wrong. Thread
/// safe.
final class Trial {
  /// Connections that are being opened at once.
  private static final int OPENING = 64;

  private final Generator generator;
  private final Duration patience;
  private final Order order;
  private final Target target;
  private final Map<Loop, Tally> tallies = new HashMap<>();
  private final Queue<Session> sessions = new ConcurrentLinkedQueue<>();
  private final Queue<Client> clients = new ConcurrentLinkedQueue<>();
  private final Queue<Server> servers = new ConcurrentLinkedQueue<>();
  private final Semaphore opening = new Semaphore(OPENING);
  private final AtomicInteger establishedCount = new AtomicInteger();
  private final AtomicInteger live = new AtomicInteger();
  private final AtomicReference<@Nullable String> fault = new AtomicReference<>();
  private volatile boolean reopening;

  /// @param from CLOCK_MONOTONIC in ns, from when latencies count
  Trial(Generator generator, Order order, long from, long to) {
    this.generator = generator;
    this.patience = generator.patience();
    this.order = order;
    this.target = Target.parse(order.front());
    generator.loops().forEach(loop -> tallies.put(loop, new Tally(from, to)));
    reopening = churns();
  }

  private boolean churns() {
    Kind kind = order.workload().kind();
    return kind == Kind.CHURN || kind == Kind.SEND_CLOSE;
  }

  // From the loops.

  void established() {
    establishedCount.incrementAndGet();
    opening.release();
  }

  /// A caller has all the answers that it wanted.
  void satisfied(Caller caller) {
    if (order.workload().kind() == Kind.CHURN) {
      caller.leave();
      reopen(caller.loop);
    }
  }

  /// The back end has seen the end of a session that was complete.
  void gone(Session session, Tally tally) {
    generator.forget(session);
    live.decrementAndGet();
    if (order.workload().kind() == Kind.SEND_CLOSE) {
      long now = System.nanoTime();
      tally.completed(now, now);
      Loop loop = generator.clientLoop((int) session.id());
      loop.submit(() -> reopen(loop));
    }
  }

  void fault(Session session, String what) {
    if (fault.compareAndSet(null, what + " (connection " + session.id() + ")")) {
      reopening = false;
    }
  }

  Server serve(Loop loop, Session session, int fd) {
    Tally tally = tally(loop);
    int size = order.workload().size();
    Server server =
        switch (order.workload().kind()) {
          case BULK_UP, SEND_CLOSE -> new Server.Sink(loop, session, tally, fd);
          case BULK_BOTH -> new Server.BulkServer(loop, session, tally, fd, size);
          case ROUND_TRIPS, CHURN, IDLE, START ->
              new Server.Answerer(loop, session, tally, fd, size);
        };
    servers.add(server);
    return server;
  }

  // From the thread that runs the trial.

  /// Opens all connections and waits until they stand.
  void open() throws InterruptedException {
    int connections = order.workload().connections();
    for (int i = 0; i < connections && fault.get() == null; i++) {
      if (!churns()) {
        await("connections to be opened", opening::tryAcquire);
      }
      Loop loop = generator.clientLoop(i);
      loop.submit(() -> connect(loop));
    }
    if (!churns()) {
      await("connections to be opened", () -> establishedCount.get() == connections);
    }
  }

  private void reopen(Loop loop) {
    if (reopening) {
      loop.submit(() -> connect(loop));
    }
  }

  private void connect(Loop loop) throws IOException {
    Session session = generator.session(this);
    sessions.add(session);
    live.incrementAndGet();
    Client client = client(loop, session);
    clients.add(client);
    client.open(target);
  }

  private Client client(Loop loop, Session session) throws IOException {
    Tally tally = tally(loop);
    int fd = target.socket();
    int size = order.workload().size();
    return switch (order.workload().kind()) {
      case BULK_UP, BULK_BOTH -> new BulkClient(loop, session, tally, fd, size);
      case SEND_CLOSE -> new ShortClient(loop, session, tally, fd, size);
      case CHURN, IDLE, START -> new Caller(loop, session, tally, fd, size, 1, false);
      case ROUND_TRIPS ->
          new Caller(loop, session, tally, fd, size, Caller.NO_LIMIT, order.rate() > 0);
    };
  }

  /// Lets what is under way end: every byte that was sent has to arrive, and then every end.
  void finish() throws InterruptedException {
    reopening = false;
    if (!churns()) {
      clients.forEach(client -> client.loop.submit(client::stop));
      servers.forEach(server -> server.loop.submit(server::stop));
      await("bytes to arrive", () -> sessions.stream().allMatch(Session::complete));
      clients.forEach(client -> client.loop.submit(client::leave));
    }
    await("ends to arrive", () -> live.get() == 0);
  }

  /// Closes what a fault left open.
  void abandon() {
    reopening = false;
    sessions.forEach(generator::forget);
    clients.forEach(client -> client.loop.submit(client::close));
    servers.forEach(server -> server.loop.submit(server::close));
  }

  /// Waits until it is so, or something went wrong.
  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean() && fault.get() == null) {
      if (System.nanoTime() - start > patience.toNanos()) {
        fault.compareAndSet(
            null, "waited " + patience.toSeconds() + " s for " + what + ": " + unfinished());
        return;
      }
      Thread.sleep(1);
    }
  }

  private String unfinished() {
    List<Session> incomplete =
        new ArrayList<>(sessions.stream().filter(session -> !session.complete()).toList());
    String first = incomplete.isEmpty() ? "" : "; " + incomplete.getFirst();
    return live.get() + " connections are open, " + incomplete.size() + " lack bytes" + first;
  }

  @Nullable String fault() {
    return fault.get();
  }

  private Tally tally(Loop loop) {
    Tally tally = tallies.get(loop);
    if (tally == null) {
      throw new IllegalStateException("a loop of another generator");
    }
    return tally;
  }

  long count() {
    return tallies.values().stream().mapToLong(Tally::count).sum();
  }

  long bytes() {
    return tallies.values().stream().mapToLong(Tally::bytes).sum();
  }

  /// After [#finish()].
  Histogram latencies() {
    Histogram all = new Histogram(3);
    tallies.values().forEach(tally -> all.add(tally.latencies()));
    return all;
  }

  /// Requests a second, of all callers together, from now on.
  void pace(long rate) {
    List<Loop> loops = clients.stream().map(client -> client.loop).distinct().toList();
    for (Loop loop : loops) {
      List<Caller> callers =
          clients.stream().filter(client -> client.loop == loop).map(Caller.class::cast).toList();
      double share = (double) rate * callers.size() / order.workload().connections();
      loop.submit(() -> loop.pace(new Pacer(callers, share, System.nanoTime())));
    }
  }

  void unpace() {
    clients.forEach(client -> client.loop.submit(() -> client.loop.pace(null)));
  }
}
