package dev.fid.testkit;

import dev.fid.testkit.Fault.Kind;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/// One end pushes, the other does not read: how much the pusher got rid of until it was stopped.
public final class Stall implements AutoCloseable {
  /// Without a limit a relay that never pushes back would fill the machine's memory.
  public static final long MOST = 1L << 30;

  private static final Duration STABLE = Duration.ofSeconds(1);

  private final Wire wire;
  private final SocketChannel pusher;
  private final SocketChannel reader;
  private final Pattern pattern;
  private long pushed;

  private Stall(Wire wire, Direction direction) {
    this.wire = wire;
    boolean up = direction == Direction.UPSTREAM;
    pusher = up ? wire.client() : wire.server();
    reader = up ? wire.server() : wire.client();
    pattern = new Pattern(1, direction, 0);
  }

  /// Pushes for as long as the reader is to hold still, and on until for one second no byte was
  /// taken, or [#MOST] bytes were.
  public static Stall push(
      SocketAddress front, BackEnd back, Direction direction, Duration holdStill)
      throws IOException, InterruptedException {
    Stall stall = new Stall(Wire.open(front, back, Duration.ofMinutes(1)), direction);
    try {
      stall.push(holdStill);
      return stall;
    } catch (IOException | InterruptedException e) {
      stall.close();
      throw e;
    }
  }

  /// Bytes that the pusher could write.
  public long pushed() {
    return pushed;
  }

  public boolean stopped() {
    return pushed < MOST;
  }

  /// The pusher half-closes, the reader reads up to the EOF: everything that was wrong.
  public List<Fault> drain(Duration patience) throws IOException, InterruptedException {
    pusher.shutdownOutput();
    reader.configureBlocking(false);
    Checker checker = new Checker(pattern, pushed);
    ByteBuffer buffer = ByteBuffer.allocateDirect(Loop.BUFFER);
    long last = System.nanoTime();
    while (System.nanoTime() - last < Patience.of(patience).toNanos()) {
      int count = reader.read(buffer.clear());
      if (count < 0) {
        return checker.end(Kind.TRUNCATED);
      } else if (count == 0) {
        Thread.sleep(1);
      } else {
        checker.accept(buffer.flip());
        last = System.nanoTime();
      }
    }
    List<Fault> faults = checker.end(Kind.STUCK);
    return faults.isEmpty() ? List.of(Fault.of(Kind.NO_EOF, pushed, 0)) : faults;
  }

  /// Fails where anything was wrong.
  public void assertDrains(Duration patience) throws IOException, InterruptedException {
    List<Fault> faults = drain(patience);
    if (!faults.isEmpty()) {
      throw new AssertionError("after a stall with " + pushed + " bytes on the way: " + faults);
    }
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }

  private void push(Duration holdStill) throws IOException, InterruptedException {
    pusher.configureBlocking(false);
    long start = System.nanoTime();
    long last = start;
    while (pushed < MOST
        && (System.nanoTime() - start < holdStill.toNanos()
            || System.nanoTime() - last < STABLE.toNanos())) {
      int length = (int) Math.min(Pattern.LONGEST, MOST - pushed);
      int count = pusher.write(pattern.slice(pushed, length));
      if (count == 0) {
        Thread.sleep(1);
      } else {
        pushed += count;
        last = System.nanoTime();
      }
    }
  }
}
