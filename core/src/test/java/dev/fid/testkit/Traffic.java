package dev.fid.testkit;

import dev.fid.testkit.Fault.Kind;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Streams both ways through whatever is between a front address and a back end, and checks every
/// byte.
///
/// All clients share one thread, the back end's side another.
public final class Traffic {
  private final SocketAddress front;
  private final BackEnd back;
  private final TrafficPlan plan;
  private final Loop clients;
  private final long run = System.nanoTime();
  private final Semaphore places;
  private final CountDownLatch undone;
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Map<Integer, End> clientEnds = new ConcurrentHashMap<>();
  private final Map<Integer, End> serverEnds = new ConcurrentHashMap<>();
  private final Map<Integer, String> refusals = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<End> accepts = new ConcurrentLinkedQueue<>();

  private Traffic(SocketAddress front, BackEnd back, TrafficPlan plan, Loop clients) {
    this.front = front;
    this.back = back;
    this.plan = plan;
    this.clients = clients;
    places = new Semaphore(plan.atOnce);
    undone = new CountDownLatch(2 * plan.connections);
  }

  /// Runs the plan once; returns when every connection has ended or the patience has.
  public static TrafficResult run(SocketAddress front, BackEnd back, TrafficPlan plan)
      throws IOException, InterruptedException {
    try (Loop clients = new Loop("clients")) {
      return new Traffic(front, back, plan, clients).run();
    }
  }

  /// Runs the plan again and again, each time with the next seed. The result numbers the
  /// connections through.
  public static TrafficResult repeat(SocketAddress front, BackEnd back, TrafficPlan plan, int runs)
      throws IOException, InterruptedException {
    long first = plan.seed;
    TrafficResult all = new TrafficResult(List.of(), List.of(), Duration.ZERO);
    for (int i = 0; i < runs; i++) {
      all = all.and(run(front, back, plan.seed(first + i)));
    }
    plan.seed(first);
    return all;
  }

  private TrafficResult run() throws InterruptedException {
    long start = System.nanoTime();
    back.serve(this::accepted);
    Thread connector = Thread.ofPlatform().daemon().name("connector").start(this::connectAll);
    try {
      watch();
    } finally {
      stopped.set(true);
      connector.interrupt();
      connector.join();
      back.rest();
    }
    Duration duration = Duration.ofNanos(System.nanoTime() - start);
    abandon();
    return result(duration);
  }

  private void connectAll() {
    for (int number = 0; number < plan.connections && !stopped.get(); number++) {
      try {
        places.acquire();
        connect(number);
      } catch (InterruptedException _) {
        return;
      } catch (IOException e) {
        refusals.put(number, "connect to " + front + ": " + e);
        undone.countDown();
        clientDone();
      }
    }
  }

  private void connect(int number) throws IOException {
    SocketChannel channel = SocketChannel.open(front);
    BackEnd.noDelay(channel);
    End end = new End(clients, channel, plan, run, Direction.UPSTREAM, number, _ -> clientDone());
    clientEnds.put(number, end);
    clients.execute(end::start);
  }

  private void clientDone() {
    places.release();
    undone.countDown();
  }

  private void accepted(SocketChannel channel) {
    int number = accepted.getAndIncrement();
    End end =
        new End(back.loop(), channel, plan, run, Direction.DOWNSTREAM, number, this::serverDone);
    accepts.add(end);
    end.start();
  }

  private void serverDone(End end) {
    if (end.connection() != Inflow.UNKNOWN) {
      serverEnds.put((int) end.connection(), end);
      undone.countDown();
    }
  }

  private void watch() throws InterruptedException {
    long moved = -1;
    long since = System.nanoTime();
    while (!undone.await(20, TimeUnit.MILLISECONDS)) {
      long now = clients.moved() + back.loop().moved() + clientEnds.size() + accepted.get();
      if (now != moved) {
        moved = now;
        since = System.nanoTime();
      }
      if (System.nanoTime() - since > patience().toNanos()) {
        return;
      }
    }
  }

  private Duration patience() {
    return Patience.of(plan.patience).plus(plan.stall).plus(plan.longestPause);
  }

  private void abandon() throws InterruptedException {
    CountDownLatch both = new CountDownLatch(2);
    clients.execute(() -> abandon(clientEnds.values(), both));
    back.loop().execute(() -> abandon(accepts, both));
    both.await();
  }

  private static void abandon(Iterable<End> ends, CountDownLatch done) {
    ends.forEach(End::abandon);
    done.countDown();
  }

  private TrafficResult result(Duration duration) {
    List<Flow> flows = new ArrayList<>();
    for (int number = 0; number < plan.connections; number++) {
      End client = clientEnds.get(number);
      End server = serverEnds.get(number);
      flows.add(flow(number, Direction.UPSTREAM, client, server));
      flows.add(flow(number, Direction.DOWNSTREAM, server, client));
    }
    List<Fault> unnamed =
        accepts.stream()
            .filter(end -> end.connection() == Inflow.UNKNOWN)
            .flatMap(end -> end.readFaults().stream())
            .toList();
    return new TrafficResult(flows, unnamed, duration);
  }

  private Flow flow(int number, Direction direction, @Nullable End from, @Nullable End to) {
    List<Fault> faults = new ArrayList<>();
    if (to == null) {
      String why = direction == Direction.UPSTREAM ? "never reached the back end" : "no client";
      faults.add(new Fault(Kind.NOT_CONNECTED, 0, 0, refusals.getOrDefault(number, why)));
    } else {
      faults.addAll(to.readFaults());
    }
    if (from != null) {
      from.writeFault().ifPresent(faults::add);
    }
    return new Flow(
        number,
        direction,
        expected(number, direction, to),
        from == null ? 0 : from.sent(),
        to == null ? 0 : to.inflow().received(),
        to != null && to.inflow().eof(),
        faults,
        Duration.ofNanos(to == null ? 0 : to.nanos()));
  }

  private long expected(int number, Direction direction, @Nullable End to) {
    if (direction == Direction.UPSTREAM) {
      return plan.total(direction, number);
    }
    return to == null ? 0 : to.inflow().total();
  }
}
