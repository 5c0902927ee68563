package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Datagrams that came for a session by another socket than its own: the first ones, that made it
/// be, and those that were on their way as it did.
///
/// Thread safe. Bounded: what is too much is dropped and counted.
public final class Arrivals {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_DATAGRAMS = 1024;

  private final Runnable whenClosed;
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private @Nullable Runnable listener;
  private long bytes;
  private long dropped;
  private boolean closed;

  /// @param whenClosed runs once, when the session has ended, on whatever thread
  public Arrivals(Runnable whenClosed) {
    this.whenClosed = whenClosed;
  }

  /// Adds a copy of the payload; false when the session has ended, and a new one is due.
  public boolean offer(MemorySegment payload) {
    Runnable told;
    synchronized (this) {
      if (closed) {
        return false;
      }
      if (bytes + payload.byteSize() > MAX_BYTES || waiting.size() == MAX_DATAGRAMS) {
        dropped++;
        return true;
      }
      waiting.add(payload.toArray(JAVA_BYTE));
      bytes += payload.byteSize();
      told = listener;
    }
    if (told != null) {
      told.run();
    }
    return true;
  }

  /// From now on `task` is run for each datagram that is added, on the thread that adds it.
  synchronized void listen(Runnable task) {
    listener = task;
  }

  synchronized byte @Nullable [] poll() {
    byte[] first = waiting.poll();
    if (first != null) {
      bytes -= first.length;
    }
    return first;
  }

  synchronized long dropped() {
    return dropped;
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  /// The session has ended, or will never begin. What waits is dropped.
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      dropped += waiting.size();
      waiting.clear();
    }
    whenClosed.run();
  }
}
