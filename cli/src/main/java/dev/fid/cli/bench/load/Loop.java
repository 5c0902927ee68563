package dev.fid.cli.bench.load;

import dev.fid.os.Epoll;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One thread, its epoll instance, and the sockets that it serves. Ends with the process.
final class Loop {
  private static final long LONGEST_WAIT = 5_000_000;

  private final Pattern pattern;
  private final MemorySegment buffer = Arena.global().allocate(Pattern.CHUNK, 4096);
  private final MemorySegment wakeByte = Arena.global().allocate(1);
  private final Fds.Pipe wake;
  private final AtomicBoolean woken = new AtomicBoolean();
  private final Queue<Task> tasks = new ConcurrentLinkedQueue<>();
  private final List<@Nullable Handler> handlers = new ArrayList<>();
  private final Deque<Integer> free = new ArrayDeque<>();
  private @Nullable Epoll epoll;
  private @Nullable Pacer pacer;

  /// On the loop's thread.
  interface Task {
    void run() throws IOException;
  }

  private Loop(Pattern pattern) throws OsException {
    this.pattern = pattern;
    wake = Fds.pipe(4096);
  }

  static Loop start(String name, Pattern pattern) throws OsException {
    Loop loop = new Loop(pattern);
    Thread.ofPlatform().name(name).daemon().start(loop::run);
    return loop;
  }

  Pattern pattern() {
    return pattern;
  }

  /// Of [Pattern#CHUNK] bytes, for the time of one event.
  MemorySegment buffer() {
    return buffer;
  }

  /// From any thread.
  void submit(Task task) {
    tasks.add(task);
    if (woken.compareAndSet(false, true)) {
      Fds.write(wake.writeEnd(), wakeByte);
    }
  }

  /// Asked for its time before each wait, and called when that has come; null: none.
  void pace(@Nullable Pacer pacer) {
    this.pacer = pacer;
  }

  /// Serves a descriptor from now on, under the token that this answers.
  int add(int fd, int interest, Handler handler) throws OsException {
    Integer reused = free.pollLast();
    int token = reused == null ? handlers.size() : reused;
    if (reused == null) {
      handlers.add(handler);
    } else {
      handlers.set(token, handler);
    }
    epoll().add(fd, interest, token);
    return token;
  }

  void modify(int fd, int interest, int token) throws OsException {
    epoll().modify(fd, interest, token);
  }

  /// Gives the descriptor to another handler.
  void replace(int token, Handler handler) {
    handlers.set(token, handler);
  }

  /// The descriptor is about to be closed.
  void forget(int token) {
    handlers.set(token, null);
    // Not before this turn's events are over: one of them may be of the descriptor that has gone.
    tasks.add(() -> free.addLast(token));
  }

  private Epoll epoll() {
    if (epoll == null) {
      throw new IllegalStateException("not on the loop's thread");
    }
    return epoll;
  }

  private void run() {
    try (Epoll opened = Epoll.open()) {
      epoll = opened;
      add(
          wake.readEnd(),
          Epoll.IN,
          _ -> {
            Fds.read(wake.readEnd(), buffer);
            woken.set(false);
          });
      while (true) {
        turn(opened);
      }
    } catch (IOException | RuntimeException | Error e) {
      // A load generator that lost a thread must not go on measuring.
      e.printStackTrace(System.err);
      Runtime.getRuntime().halt(1);
    }
  }

  private void turn(Epoll epoll) throws IOException {
    int ready = epoll.await(patience(System.nanoTime()));
    for (int i = 0; i < ready; i++) {
      Handler handler = handlers.get(epoll.token(i));
      if (handler != null) {
        handler.ready(epoll.events(i));
      }
    }
    for (Task task; (task = tasks.poll()) != null; ) {
      task.run();
    }
    Pacer due = pacer;
    if (due != null) {
      due.run(System.nanoTime());
    }
  }

  private long patience(long now) {
    Pacer due = pacer;
    return due == null ? LONGEST_WAIT : Math.clamp(due.next() - now, 0, LONGEST_WAIT);
  }
}
