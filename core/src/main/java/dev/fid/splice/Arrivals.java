package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.fid.os.Datagram;
import dev.fid.os.SocketName;
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

  private final @Nullable SocketName client;
  private final Strays strays;
  private final Runnable whenClosed;
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private @Nullable Runnable listener;
  private long bytes;
  private long dropped;
  private boolean closed;
  private boolean mayStray;
  private long unsure = Long.MAX_VALUE;

  /// Takes what belongs to another client; from any thread.
  @FunctionalInterface
  public interface Strays {
    void strayed(SocketName sender, byte[] payload);
  }

  /// Of a session without a socket of its own.
  ///
  /// @param whenClosed runs once, when the session has ended, on whatever thread
  public Arrivals(Runnable whenClosed) {
    this(null, (_, _) -> {}, whenClosed);
  }

  /// @param client whose session it is; null where its socket is shared
  /// @param strays where another client's datagrams go
  /// @param whenClosed runs once, when the session has ended, on whatever thread
  public Arrivals(@Nullable SocketName client, Strays strays, Runnable whenClosed) {
    this.client = client;
    this.mayStray = client != null;
    this.strays = strays;
    this.whenClosed = whenClosed;
  }

  /// Whether the session's socket may have what is another client's. Of the session's loop, as the
  /// three that follow.
  ///
  /// The kernel looks a socket up, and queues the datagram later, in one RCU section: it can do the
  /// one before the connect, and the other when the listener has emptied the socket.
  boolean mayStray() {
    return mayStray;
  }

  /// A grace period is over since the connect: what may be another's is queued.
  ///
  /// @param queued bytes of memory of the receive queue
  void allQueued(long queued) {
    unsure = queued;
    mayStray &= queued > 0;
  }

  /// Nothing is queued.
  void dry() {
    mayStray &= unsure == Long.MAX_VALUE;
  }

  /// Whether the session's socket has received what is another client's, which then goes there.
  boolean strayed(Datagram received) {
    if (!mayStray) {
      return false;
    }
    if (unsure != Long.MAX_VALUE) {
      // Each takes more memory than it has bytes.
      unsure -= received.payload().byteSize() + 1;
      mayStray = unsure > 0;
    }
    if (received.sender().equals(client)) {
      return false;
    }
    strays.strayed(received.sender(), received.payload().toArray(JAVA_BYTE));
    return true;
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
