package dev.fid.cli.bench.load;

import dev.fid.cli.bench.workload.Kind;
import dev.fid.cli.bench.workload.Order;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/// Clients that send datagrams. What is wrong or comes twice is a fault, and so is a request that
/// is never answered; of what goes one way at a fixed rate some may be lost, and is counted.
final class DatagramTrial extends Trial {
  /// Clients that are being opened at once.
  private static final int OPENING = 64;

  private static final long RETRY_NANOS = 500_000_000;
  private static final long STARTING_RETRY_NANOS = 5_000_000;

  /// After which nothing comes any more of what is not answered.
  private static final long QUIET_NANOS = 1_000_000_000;

  private final Queue<DatagramClient> clients = new ConcurrentLinkedQueue<>();

  DatagramTrial(Generator generator, Order order) {
    super(generator, order);
  }

  int size() {
    return order.workload().size();
  }

  /// Whether the back end answers.
  boolean answers() {
    return order.workload().kind() != Kind.ONE_WAY;
  }

  /// Whether an answer is followed by the next request.
  boolean closed() {
    return order.workload().kind() == Kind.ROUND_TRIPS && order.rate() == 0;
  }

  @Override
  void open() throws InterruptedException {
    int count = order.workload().connections();
    for (int i = 0; i < count && fault() == null; i++) {
      int before = i - OPENING;
      awaitAnswers(before);
      Loop loop = generator.clientLoop(i);
      loop.submit(() -> connect(loop));
    }
    awaitAnswers(count);
  }

  private void awaitAnswers(int count) throws InterruptedException {
    await(
        "first datagrams to come through",
        () -> {
          nudge();
          return established(count);
        });
  }

  private void connect(Loop loop) throws IOException {
    DatagramClient client = generator.client(this, loop, target.socket());
    clients.add(client);
    client.open(target);
  }

  /// A closed loop goes on where an answer stays away.
  private void nudge() {
    long patience = order.workload().kind() == Kind.START ? STARTING_RETRY_NANOS : RETRY_NANOS;
    clients.stream()
        .filter(DatagramClient::isWaiting)
        .forEach(client -> client.loop().submit(() -> client.nudge(System.nanoTime(), patience)));
  }

  @Override
  void during() {
    if (closed()) {
      nudge();
    }
  }

  /// Waits until all is there, or nothing comes any more.
  @Override
  void finish() throws InterruptedException {
    clients.forEach(client -> client.loop().submit(client::stop));
    await("clients to stop", () -> clients.stream().allMatch(DatagramClient::isStopped));
    long quiet = answers() ? generator.patience().toNanos() : QUIET_NANOS;
    long done = -1;
    long since = System.nanoTime();
    while (fault() == null && done < sum(DatagramClient::sent)) {
      Thread.sleep(1);
      long now = sum(DatagramClient::done);
      if (now != done) {
        done = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > quiet) {
        break;
      }
    }
    if (answers() && order.workload().kind() != Kind.START && lost() > 0) {
      fault("lost " + unfinished());
    }
    abandon();
  }

  @Override
  String unfinished() {
    long sent = sum(DatagramClient::sent);
    return "%d of %d datagrams".formatted(sent - sum(DatagramClient::done), sent);
  }

  @Override
  double lost() {
    long sent = sum(DatagramClient::sent);
    return sent == 0 ? 0 : 100.0 * (sent - sum(DatagramClient::done)) / sent;
  }

  private long sum(ToLongFunction<DatagramClient> figure) {
    return clients.stream().mapToLong(figure).sum();
  }

  @Override
  void abandon() {
    for (DatagramClient client : clients) {
      generator.forget(client);
      client.loop().submit(client::close);
    }
  }

  @Override
  Map<Loop, List<Pacer.Callee>> callees() {
    return clients.stream()
        .collect(
            Collectors.groupingBy(
                DatagramClient::loop,
                Collectors.mapping(Pacer.Callee.class::cast, Collectors.toList())));
  }
}
