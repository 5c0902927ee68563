package dev.fid.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One thread that serves many channels.
final class Loop implements AutoCloseable {
  static final int BUFFER = 256 * 1024;

  /// Called in the loop's thread when its channel is ready.
  interface Handler {
    void ready(SelectionKey key);
  }

  private record Timer(long at, Runnable task) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      return Long.compare(at - other.at, 0);
    }
  }

  private final Selector selector = Selector.open();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final Arena arena = Arena.ofShared();
  private final ByteBuffer buffer = arena.allocate(BUFFER).asByteBuffer();
  private final AtomicLong moved = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable Throwable failure;

  Loop(String name) throws IOException {
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    thread.start();
  }

  Selector selector() {
    return selector;
  }

  /// The loop's read buffer: for its own thread, until the handler returns.
  ByteBuffer buffer() {
    return buffer.clear();
  }

  void moved(long bytes) {
    moved.setPlain(moved.getPlain() + bytes);
  }

  /// Bytes that its handlers have read and written; fails where a handler has failed.
  long moved() {
    Throwable thrown = failure;
    if (thrown != null) {
      throw new IllegalStateException("a handler of " + thread.getName() + " failed", thrown);
    }
    return moved.getOpaque();
  }

  void execute(Runnable task) {
    tasks.add(task);
    if (!Thread.currentThread().equals(thread)) {
      selector.wakeup();
    }
  }

  /// Only in the loop's thread.
  void schedule(long nanos, Runnable task) {
    timers.add(new Timer(System.nanoTime() + nanos, task));
  }

  /// Only in the loop's thread.
  SelectionKey register(SelectableChannel channel, int interest, Handler handler) {
    try {
      channel.configureBlocking(false);
      return channel.register(selector, interest, handler);
    } catch (IOException e) {
      throw new UncheckedIOException("register with " + thread.getName(), e);
    }
  }

  /// Ends the thread and closes every channel that is still registered.
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (arena;
        selector) {
      while (!closing) {
        selector.select(key -> ((Handler) key.attachment()).ready(key), timeout());
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
        runTimers();
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    } catch (Throwable thrown) {
      failure = thrown;
    }
  }

  private void runTimers() {
    long now = System.nanoTime();
    for (Timer first = timers.peek(); first != null && first.at - now <= 0; first = timers.peek()) {
      timers.poll();
      first.task.run();
    }
  }

  /// 0 waits without end.
  private long timeout() {
    Timer first = timers.peek();
    if (first == null) {
      return tasks.isEmpty() ? 0 : 1;
    }
    long nanos = first.at - System.nanoTime();
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
  }
}
