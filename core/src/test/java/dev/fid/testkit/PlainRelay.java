package dev.fid.testkit;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/// A relay of blocking copies, two threads a connection: what the kit itself is tested with.
///
/// A [Tamper] makes it wrong on purpose, in the upstream direction.
final class PlainRelay implements AutoCloseable {
  private final BackEnd front;
  private final SocketAddress back;
  private final Supplier<Tamper> tampers;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

  private PlainRelay(SocketAddress front, SocketAddress back, Supplier<Tamper> tampers)
      throws IOException {
    this.back = back;
    this.tampers = tampers;
    this.front = BackEnd.listen(front);
    this.front.serve(client -> start(() -> join(client)));
  }

  static PlainRelay honest(SocketAddress front, SocketAddress back) throws IOException {
    return new PlainRelay(front, back, Tamper::none);
  }

  static PlainRelay tampered(SocketAddress front, SocketAddress back, Supplier<Tamper> tampers)
      throws IOException {
    return new PlainRelay(front, back, tampers);
  }

  SocketAddress address() {
    return front.address();
  }

  /// Returns when it has closed everything: a thread that blocks in a call closes its channel
  /// itself.
  @Override
  public void close() throws IOException {
    closed.countDown();
    front.close();
    for (SocketChannel channel : open) {
      channel.close();
    }
    try {
      for (Thread thread = threads.poll(); thread != null; thread = threads.poll()) {
        thread.join();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Thread start(Runnable task) {
    Thread thread = Thread.ofPlatform().daemon().unstarted(task);
    threads.add(thread);
    thread.start();
    return thread;
  }

  /// Adds to what close() closes, or answers false after it.
  private boolean register(SocketChannel channel) {
    open.add(channel);
    return closed.getCount() > 0;
  }

  private void join(SocketChannel client) {
    try (client;
        SocketChannel server = SocketChannel.open(back)) {
      if (!register(client) || !register(server)) {
        return;
      }
      BackEnd.noDelay(server);
      Thread down = start(() -> copy(server, client, Tamper.none()));
      Tamper tamper = tampers.get();
      copy(client, server, tamper);
      down.join();
      if (!tamper.forwardsEof()) {
        closed.await();
      }
      open.remove(server);
    } catch (IOException _) {
      // The client sees its connection closed, which is the answer to a dead back end.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private static void copy(SocketChannel from, SocketChannel to, Tamper tamper) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    try {
      while (from.read(buffer.clear()) >= 0) {
        writeAll(to, tamper.pass(buffer.flip()));
      }
      writeAll(to, tamper.atEof());
      if (tamper.endsBoth()) {
        // No EOF before: the back end could answer it, and have its answer carried, before the end.
        closeQuietly(from);
        closeQuietly(to);
      } else if (tamper.forwardsEof()) {
        to.shutdownOutput();
      }
    } catch (IOException _) {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void writeAll(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }
}
