package dev.fid.testkit;

import dev.fid.testkit.Fault.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One end of a checked connection: streams both ways, half-closes as planned, closes when both
/// directions have ended. Its loop's thread owns it until it is done.
final class End implements Loop.Handler {
  /// Bytes moved in one direction before other channels get their turn.
  private static final int TURN = 256 * 1024;

  private final Loop loop;
  private final SocketChannel channel;
  private final TrafficPlan plan;
  private final Direction sends;
  private final long number;
  private final Outflow out;
  private final Inflow in;
  private final Consumer<End> done;
  private final long opened = System.nanoTime();
  private @Nullable SelectionKey key;
  private @Nullable Fault writeFault;
  private List<Fault> readFaults = List.of();
  private boolean readPaused;
  private boolean writePaused;
  private boolean finished;
  private long nanos;

  End(
      Loop loop,
      SocketChannel channel,
      TrafficPlan plan,
      long run,
      Direction sends,
      long number,
      Consumer<End> done) {
    this.loop = loop;
    this.channel = channel;
    this.plan = plan;
    this.sends = sends;
    this.number = number;
    this.done = done;
    out = new Outflow(plan, sends, run, number);
    in = new Inflow(plan, sends.opposite(), run, number);
  }

  void start() {
    key = loop.register(channel, SelectionKey.OP_READ, this);
    settle();
  }

  /// The client's number, which names the connection, or [Inflow#UNKNOWN].
  long connection() {
    return sends == Direction.UPSTREAM ? number : in.number();
  }

  Inflow inflow() {
    return in;
  }

  long sent() {
    return out.sent();
  }

  List<Fault> readFaults() {
    return readFaults;
  }

  Optional<Fault> writeFault() {
    return Optional.ofNullable(writeFault);
  }

  /// From the start to the end.
  long nanos() {
    return nanos;
  }

  @Override
  public void ready(SelectionKey ready) {
    if (ready.isReadable()) {
      read();
    }
    if (!finished && ready.isValid() && ready.isWritable()) {
      write();
    }
    settle();
  }

  /// The patience has ended.
  void abandon() {
    if (!finished) {
      finish();
    }
  }

  private void read() {
    try {
      for (long moved = 0; moved < TURN && !readPaused && !in.eof() && !in.broken(); ) {
        long count = in.read(channel, loop.buffer());
        if (count == 0) {
          return;
        }
        moved += count;
        loop.moved(count);
        long pause = in.pause();
        if (pause > 0) {
          readPaused = true;
          resumeAfter(pause, () -> readPaused = false);
        }
      }
    } catch (IOException e) {
      in.reset(e);
      finish();
    }
  }

  private void write() {
    try {
      for (long moved = 0; moved < TURN && !writePaused && out.hasMore(released()); ) {
        long count = out.write(channel, released());
        if (count == 0) {
          return;
        }
        moved += count;
        loop.moved(count);
        long pause = out.pause();
        if (pause > 0) {
          writePaused = true;
          resumeAfter(pause, () -> writePaused = false);
        }
      }
    } catch (IOException e) {
      failWrite(e);
    }
  }

  private void failWrite(IOException cause) {
    writeFault = new Fault(Kind.RESET, out.sent(), 0, String.valueOf(cause.getMessage()));
    out.fail();
  }

  private void resumeAfter(long pause, Runnable change) {
    loop.schedule(
        pause,
        () -> {
          change.run();
          settle();
        });
  }

  private boolean released() {
    return in.eof() || ending().map(ending -> !ending.waits(sends)).orElse(false);
  }

  private boolean mayShut() {
    return in.eof()
        || ending().map(ending -> ending != Ending.AT_END || in.complete()).orElse(false);
  }

  private Optional<Ending> ending() {
    long connection = connection();
    return connection == Inflow.UNKNOWN ? Optional.empty() : Optional.of(plan.ending(connection));
  }

  private void settle() {
    if (finished || key == null) {
      return;
    }
    if (!out.isShut() && !out.hasMore(true) && !writePaused && mayShut()) {
      try {
        out.shut(channel);
      } catch (IOException e) {
        failWrite(e);
      }
    }
    if (in.broken() || (in.eof() && out.isShut())) {
      finish();
      return;
    }
    int reads = in.eof() || readPaused ? 0 : SelectionKey.OP_READ;
    int writes = !writePaused && out.hasMore(released()) ? SelectionKey.OP_WRITE : 0;
    if (key.interestOps() != (reads | writes)) {
      key.interestOps(reads | writes);
    }
  }

  private void finish() {
    finished = true;
    nanos = System.nanoTime() - opened;
    readFaults = in.stray() ? List.of() : in.end();
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("close " + connection(), e);
    }
    done.accept(this);
  }
}
