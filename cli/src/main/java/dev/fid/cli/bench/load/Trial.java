package dev.fid.cli.bench.load;

import dev.fid.cli.bench.workload.Order;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// The clients of one order, what they got done, and the first thing that went wrong. Thread safe.
abstract sealed class Trial permits StreamTrial, DatagramTrial {
  protected final Generator generator;
  protected final Order order;
  protected final Target target;
  private final Duration patience;
  private final Window window = new Window();
  private final Map<Loop, Tally> tallies = new HashMap<>();
  private final AtomicInteger establishedCount = new AtomicInteger();
  private final AtomicReference<@Nullable String> fault = new AtomicReference<>();

  Trial(Generator generator, Order order) {
    this.generator = generator;
    this.order = order;
    patience = generator.patience();
    target = Target.parse(order.front());
    generator.loops().forEach(loop -> tallies.put(loop, new Tally(window)));
  }

  static Trial of(Generator generator, Order order) {
    return Target.parse(order.front()).datagrams()
        ? new DatagramTrial(generator, order)
        : new StreamTrial(generator, order);
  }

  // From the loops.

  /// A client has had its first answer, or needs none.
  void established() {
    establishedCount.incrementAndGet();
  }

  /// Whether it is the first.
  final boolean fault(String what) {
    return fault.compareAndSet(null, what);
  }

  // From the thread that runs the trial.

  /// Opens all clients and waits until they stand.
  abstract void open() throws InterruptedException;

  /// Lets what is under way end.
  abstract void finish() throws InterruptedException;

  /// Closes what a fault left open.
  abstract void abandon();

  /// Latencies of what is due in this time count; of none before it is said.
  final void measure(long from, long to) {
    window.set(from, to);
  }

  /// Called now and then while it is measured.
  void during() {}

  /// Those that send at a pace, by their loop.
  abstract Map<Loop, List<Pacer.Callee>> callees();

  /// What is waited for.
  abstract String unfinished();

  /// Percent of what was sent.
  double lost() {
    return 0;
  }

  final boolean established(int clients) {
    return establishedCount.get() >= clients;
  }

  /// Waits until it is so, or something went wrong.
  final void await(String what, BooleanSupplier condition) throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean() && fault.get() == null) {
      if (System.nanoTime() - start > patience.toNanos()) {
        fault("waited " + patience.toSeconds() + " s for " + what + ": " + unfinished());
        return;
      }
      Thread.sleep(1);
    }
  }

  /// Requests a second, of all callees together, from now on.
  final void pace(long rate) {
    callees()
        .forEach((loop, callees) -> {
          double share = (double) rate * callees.size() / order.workload().connections();
          loop.submit(() -> loop.pace(new Pacer(callees, share, System.nanoTime())));
        });
  }

  final void unpace() {
    generator.loops().forEach(loop -> loop.submit(() -> loop.pace(null)));
  }

  final @Nullable String fault() {
    return fault.get();
  }

  final Tally tally(Loop loop) {
    Tally tally = tallies.get(loop);
    if (tally == null) {
      throw new IllegalStateException("a loop of another generator");
    }
    return tally;
  }

  final long count() {
    return tallies.values().stream().mapToLong(Tally::count).sum();
  }

  final long bytes() {
    return tallies.values().stream().mapToLong(Tally::bytes).sum();
  }

  /// After [#finish()].
  final Histogram latencies() {
    Histogram all = new Histogram(3);
    tallies.values().forEach(tally -> all.add(tally.latencies()));
    return all;
  }
}
