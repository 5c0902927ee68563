package dev.fid.testkit;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Connections to an [Echo] that are idle until they talk: a crowd, or a single one.
///
/// In one talk all of them send a message, wait for its echo, check it, and send the next. A
/// connection that went wrong once stays so.
public final class PingPong implements AutoCloseable {
  /// What became of a talk: round trips that were right, and for each reason how many connections
  /// went wrong.
  public record Result(long roundTrips, Map<String, Integer> wrong, Duration duration) {
    public Result assertClean() {
      if (!wrong.isEmpty()) {
        throw new AssertionError(toString());
      }
      return this;
    }

    public double perSecond() {
      return roundTrips * 1e9 / Math.max(1, duration.toNanos());
    }

    @Override
    public String toString() {
      return "%s: %d round trips, %.3f s, %.0f/s%s"
          .formatted(
              wrong.isEmpty() ? "clean" : "WRONG",
              roundTrips,
              duration.toNanos() / 1e9,
              perSecond(),
              wrong.isEmpty() ? "" : ", wrong connections: " + wrong);
    }
  }

  private final Loop loop = new Loop("ping");
  private final List<Player> players = new ArrayList<>();

  private PingPong() throws IOException {}

  /// Connects them all, one after another, and leaves them idle.
  public static PingPong open(SocketAddress front, int connections) throws IOException {
    PingPong crowd = new PingPong();
    try {
      for (int number = 0; number < connections; number++) {
        crowd.connect(front, number);
      }
      return crowd;
    } catch (IOException e) {
      crowd.close();
      throw new IOException("connection " + crowd.size() + " to " + front, e);
    }
  }

  public int size() {
    return players.size();
  }

  /// Each connection does so many round trips of so many bytes, at most [Pattern#LONGEST], or goes
  /// wrong; whoever has not finished in time is silent.
  public Result talk(int roundTrips, int bytes, Duration patience) throws InterruptedException {
    long start = System.nanoTime();
    CountDownLatch undone = new CountDownLatch(players.size());
    loop.execute(() -> players.forEach(player -> player.begin(roundTrips, bytes, undone)));
    boolean finished = undone.await(Patience.of(patience).toNanos(), TimeUnit.NANOSECONDS);
    Duration duration = Duration.ofNanos(System.nanoTime() - start);
    loop.moved();
    Map<String, Integer> wrong = new TreeMap<>();
    long right = 0;
    CountDownLatch read = new CountDownLatch(1);
    if (!finished) {
      loop.execute(() -> players.forEach(player -> player.fail("silent")));
    }
    loop.execute(read::countDown);
    read.await();
    for (Player player : players) {
      right += player.right;
      if (!player.reason.isEmpty()) {
        wrong.merge(player.reason, 1, Integer::sum);
      }
    }
    return new Result(right, wrong, duration);
  }

  @Override
  public void close() throws IOException {
    loop.close();
    for (Player player : players) {
      player.channel.close();
    }
  }

  private void connect(SocketAddress front, int number) throws IOException {
    SocketChannel channel = SocketChannel.open(front);
    BackEnd.noDelay(channel);
    Player player = new Player(channel, new Pattern(number, Direction.UPSTREAM, number));
    players.add(player);
    loop.execute(() -> loop.register(channel, 0, player));
  }

  private final class Player implements Loop.Handler {
    private final SocketChannel channel;
    private final Pattern pattern;
    private ByteBuffer unsent = ByteBuffer.allocate(0);
    private ByteBuffer awaited = ByteBuffer.allocate(0);
    private long offset;
    private int left;
    private int bytes;
    private long right;
    private String reason = "";
    private boolean talking;
    private CountDownLatch undone = new CountDownLatch(0);

    Player(SocketChannel channel, Pattern pattern) {
      this.channel = channel;
      this.pattern = pattern;
    }

    void begin(int roundTrips, int length, CountDownLatch latch) {
      undone = latch;
      talking = true;
      left = roundTrips;
      bytes = length;
      right = 0;
      if (!reason.isEmpty() || roundTrips == 0) {
        end();
      } else {
        serve();
      }
    }

    @Override
    public void ready(SelectionKey key) {
      try {
        if (key.isWritable()) {
          channel.write(unsent);
        }
        if (key.isReadable()) {
          receive();
        }
        if (talking) {
          interest(key);
        }
      } catch (IOException e) {
        fail(String.valueOf(e.getMessage()));
      }
    }

    void fail(String why) {
      if (talking) {
        reason = why;
        end();
      }
    }

    private void serve() {
      unsent = pattern.slice(offset, bytes);
      awaited = pattern.slice(offset, bytes);
      offset += bytes;
      interest(channel.keyFor(loop.selector()));
    }

    private void receive() throws IOException {
      ByteBuffer buffer = loop.buffer();
      if (channel.read(buffer) < 0) {
        fail("EOF");
        return;
      }
      buffer.flip();
      loop.moved(buffer.remaining());
      if (buffer.remaining() > awaited.remaining()) {
        fail("more than was sent");
        return;
      }
      ByteBuffer expected = awaited.slice(awaited.position(), buffer.remaining());
      if (expected.mismatch(buffer) >= 0) {
        fail("wrong byte");
        return;
      }
      awaited.position(awaited.position() + buffer.remaining());
      if (!awaited.hasRemaining()) {
        right++;
        left--;
        if (left == 0) {
          end();
        } else {
          serve();
        }
      }
    }

    private void interest(SelectionKey key) {
      key.interestOps(SelectionKey.OP_READ | (unsent.hasRemaining() ? SelectionKey.OP_WRITE : 0));
    }

    private void end() {
      talking = false;
      channel.keyFor(loop.selector()).interestOps(0);
      undone.countDown();
    }
  }
}
