package dev.fid.cli;

import dev.fid.pipe.Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/// Clients of an echo behind a pipe; they check every byte that comes back.
final class DemoTraffic {
  /// Long and without a period that a buffer's size could hide.
  private static final int PATTERN = 1_000_003;

  private static final int BLOCK = 256 << 10;

  /// Blocks under way at once: few enough that a reader that keeps up leaves every gate open.
  private static final int WINDOW = 4;

  private final InetSocketAddress pipe;
  private final long nanos;
  private final ByteBuffer pattern;

  DemoTraffic(Address.Tcp pipe, Duration duration) {
    this.pipe = new InetSocketAddress(pipe.host(), pipe.port());
    nanos = duration.toNanos();
    byte[] bytes = new byte[PATTERN + BLOCK];
    new Random(1).nextBytes(bytes);
    System.arraycopy(bytes, 0, bytes, PATTERN, BLOCK);
    pattern = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /// What came back, how often, and in which time.
  record Result(long count, long bytes, long nanos) {
    long perSecond(long amount) {
      return Math.round(amount * 1e9 / nanos);
    }
  }

  /// Sends so many bytes and waits for them, again and again, on so many connections at once.
  Result roundTrips(int connections, int size) throws IOException, InterruptedException {
    long start = System.nanoTime();
    List<Callable<Long>> clients = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      clients.add(() -> pingPong(size, start));
    }
    long count = sum(clients);
    return new Result(count, count * size, System.nanoTime() - start);
  }

  private long pingPong(int size, long start) throws IOException {
    try (SocketChannel channel = connect()) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(size);
      long count = 0;
      do {
        channel.write(slice(count * size, size));
        readFully(channel, buffer.clear());
        check(buffer.flip(), count * size);
        count++;
      } while (System.nanoTime() - start < nanos);
      return count;
    }
  }

  /// Sends on one connection as fast as it goes, and reads what comes back at the same time.
  Result bulk() throws IOException, InterruptedException {
    try (SocketChannel channel = connect()) {
      // The end of one direction may end the connection, so the sender says how much there is
      // instead.
      AtomicLong total = new AtomicLong(Long.MAX_VALUE);
      Semaphore window = new Semaphore(WINDOW);
      long start = System.nanoTime();
      sum(
          List.of(
              () -> receive(channel, total, window), () -> send(channel, start, total, window)));
      return new Result(1, total.get(), System.nanoTime() - start);
    }
  }

  private long send(SocketChannel channel, long start, AtomicLong total, Semaphore window)
      throws IOException {
    long sent = 0;
    boolean last;
    do {
      window.acquireUninterruptibly();
      last = System.nanoTime() - start >= nanos;
      if (last) {
        total.set(sent + BLOCK);
      }
      ByteBuffer block = slice(sent, BLOCK);
      while (block.hasRemaining()) {
        channel.write(block);
      }
      sent += BLOCK;
    } while (!last);
    return sent;
  }

  private long receive(SocketChannel channel, AtomicLong total, Semaphore window)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);
    long received = 0;
    try {
      while (received < total.get()) {
        if (channel.read(buffer.clear()) < 0) {
          throw new IOException("the connection ended early");
        }
        check(buffer.flip(), received);
        window.release((int) ((received + buffer.limit()) / BLOCK - received / BLOCK));
        received += buffer.limit();
      }
      return received;
    } catch (IOException e) {
      channel.close();
      window.release(WINDOW); // wakes the sender, to find the channel closed
      throw e;
    }
  }

  /// The failure of the first of them that failed is thrown.
  private long sum(List<Callable<Long>> clients) throws IOException, InterruptedException {
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
      long sum = 0;
      for (Future<Long> result : threads.invokeAll(clients)) {
        sum += result.get();
      }
      return sum;
    } catch (ExecutionException e) {
      throw new IOException("demo: traffic through " + pipe + ": " + e.getCause(), e);
    }
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(pipe).setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /// The bytes of the stream at a position.
  private ByteBuffer slice(long position, int size) {
    return pattern.slice((int) (position % PATTERN), size);
  }

  private void check(ByteBuffer got, long position) throws IOException {
    int wrong = got.mismatch(slice(position, got.remaining()));
    if (wrong >= 0) {
      throw new IOException("byte " + (position + wrong) + " came back wrong");
    }
  }

  private static void readFully(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the connection ended early");
      }
    }
  }
}
