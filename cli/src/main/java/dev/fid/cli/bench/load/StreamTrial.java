package dev.fid.cli.bench.load;

import dev.fid.cli.bench.workload.Kind;
import dev.fid.cli.bench.workload.Order;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// Connections of streams.
final class StreamTrial extends Trial {
  /// Connections that are being opened at once.
  private static final int OPENING = 64;

  private final Queue<Session> sessions = new ConcurrentLinkedQueue<>();
  private final Queue<Client> clients = new ConcurrentLinkedQueue<>();
  private final Queue<Server> servers = new ConcurrentLinkedQueue<>();
  private final Semaphore opening = new Semaphore(OPENING);
  private final AtomicInteger live = new AtomicInteger();
  private volatile boolean reopening;
  private volatile boolean abandoned;

  StreamTrial(Generator generator, Order order) {
    super(generator, order);
    reopening = churns();
  }

  private boolean churns() {
    Kind kind = order.workload().kind();
    return kind == Kind.CHURN || kind == Kind.SEND_CLOSE;
  }

  // From the loops.

  @Override
  void established() {
    super.established();
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
    if (order.workload().kind() == Kind.SEND_CLOSE) {
      long now = System.nanoTime();
      tally.completed(now, now);
      reopen(generator.clientLoop((int) session.id()));
    }
    live.decrementAndGet();
  }

  void fault(Session session, String what) {
    if (fault(what + " (connection " + session.id() + ")")) {
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
          case ONE_WAY -> throw oneWay();
        };
    servers.add(server);
    return server;
  }

  // From the thread that runs the trial.

  /// Opens all connections and waits until they stand.
  @Override
  void open() throws InterruptedException {
    int connections = order.workload().connections();
    for (int i = 0; i < connections && fault() == null; i++) {
      if (!churns()) {
        await("connections to be opened", opening::tryAcquire);
      }
      begin(generator.clientLoop(i));
    }
    if (!churns()) {
      await("connections to be opened", () -> established(connections));
    }
  }

  private void reopen(Loop loop) {
    if (reopening) {
      begin(loop);
    }
  }

  /// It is live from here on, so that a loop that is late is waited for.
  private void begin(Loop loop) {
    live.incrementAndGet();
    loop.submit(() -> connect(loop));
  }

  private void connect(Loop loop) throws IOException {
    Session session = generator.session(this);
    sessions.add(session);
    Client client = client(loop, session);
    clients.add(client);
    client.open(target);
    if (abandoned) {
      generator.forget(session);
      client.close();
    }
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
      case ONE_WAY -> throw oneWay();
    };
  }

  private static IllegalArgumentException oneWay() {
    return new IllegalArgumentException("no stream is sent at a fixed rate");
  }

  /// Lets what is under way end: every byte that was sent has to arrive, and then every end.
  @Override
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
  @Override
  void abandon() {
    reopening = false;
    abandoned = true;
    sessions.forEach(generator::forget);
    clients.forEach(client -> client.loop.submit(client::close));
    servers.forEach(server -> server.loop.submit(server::close));
  }

  @Override
  String unfinished() {
    List<Session> incomplete =
        new ArrayList<>(sessions.stream().filter(session -> !session.complete()).toList());
    String first = incomplete.isEmpty() ? "" : "; " + incomplete.getFirst();
    return live.get() + " connections are open, " + incomplete.size() + " lack bytes" + first;
  }

  @Override
  Map<Loop, List<Pacer.Callee>> callees() {
    return clients.stream()
        .collect(
            Collectors.groupingBy(
                client -> client.loop,
                Collectors.mapping(Pacer.Callee.class::cast, Collectors.toList())));
  }
}
