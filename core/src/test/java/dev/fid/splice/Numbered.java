package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.testkit.Messenger;
import dev.fid.testkit.Patience;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.BitSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/// Numbered datagrams from one application's socket to another's, at a rate that the receiver
/// takes: the sender is never more than a window ahead of it.
final class Numbered {
  private static final long PATIENCE_NANOS = Patience.of(Duration.ofMinutes(1)).toNanos();
  private static final int LONGEST = 1400;

  private final int from;
  private final int to;
  private final int window;
  private final boolean ordered;
  private final BitSet seen = new BitSet();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Thread sender;
  private final Thread receiver;
  private volatile long sent;
  private volatile long received;
  private volatile boolean over;

  /// @param ordered whether they must arrive as they were sent
  Numbered(int from, int to, int window, boolean ordered) {
    this.from = from;
    this.to = to;
    this.window = window;
    this.ordered = ordered;
    sender = start(this::send);
    receiver = start(this::receive);
  }

  private Thread start(Runnable task) {
    return Thread.ofPlatform()
        .uncaughtExceptionHandler((_, failure) -> {
          failures.add(failure);
          over = true;
        })
        .start(task);
  }

  private void send() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(LONGEST);
      while (!over) {
        if (sent - received >= window) {
          LockSupport.parkNanos(20_000);
          continue;
        }
        long number = sent;
        MemorySegment message = Messenger.message(room, number, 8 + (int) (number % 1300));
        long given = Fds.send(from, message);
        if (given == message.byteSize()) {
          sent = number + 1;
        } else {
          assertThat(given).as("send").isEqualTo(-Errno.EAGAIN);
        }
      }
    }
  }

  private void receive() {
    try (Datagram datagram = new Datagram(LONGEST)) {
      long last = System.nanoTime();
      long count = 0;
      while (!(over && !sender.isAlive() && received == sent)) {
        long length = datagram.receive(to);
        if (length == -Errno.EAGAIN) {
          assertThat(System.nanoTime() - last)
              .as("%s of %s, the first that is missing: %s", received, sent, seen.nextClearBit(0))
              .isLessThan(PATIENCE_NANOS);
          LockSupport.parkNanos(20_000);
          continue;
        }
        last = System.nanoTime();
        assertThat(length).as("receive").isNotNegative();
        int number = (int) Messenger.check(datagram.payload());
        assertThat(length).as("length of %d", number).isEqualTo(8 + number % 1300);
        assertThat(seen.get(number)).as("%d came before", number).isFalse();
        if (ordered) {
          assertThat((long) number).as("order").isEqualTo(received);
        }
        seen.set(number);
        received = ++count;
      }
    }
  }

  long received() {
    return received;
  }

  Queue<Throwable> failures() {
    return failures;
  }

  /// Stops sending; every one has come, once.
  void finish() throws InterruptedException {
    over = true;
    sender.join();
    receiver.join();
    assertThat(failures).isEmpty();
    assertThat((long) seen.cardinality()).isEqualTo(sent);
  }
}
