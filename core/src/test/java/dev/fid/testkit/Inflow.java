package dev.fid.testkit;

import dev.fid.testkit.Fault.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What one end receives: learns from the header which stream it is, and checks the rest.
final class Inflow {
  static final long UNKNOWN = -1;

  private final TrafficPlan plan;
  private final Direction direction;
  private final long run;
  private final SplittableRandom random;
  private final ByteBuffer header = ByteBuffer.allocate(Outflow.HEADER);
  private final List<Fault> faults = new ArrayList<>();
  private @Nullable Checker checker;
  private long number = UNKNOWN;
  private long total;
  private boolean eof;
  private boolean stray;
  private boolean stalled;

  Inflow(TrafficPlan plan, Direction direction, long run, long ownNumber) {
    this.plan = plan;
    this.direction = direction;
    this.run = run;
    random = plan.random(direction, ownNumber, 5);
  }

  /// The sender's number, or [#UNKNOWN] before its header has come.
  long number() {
    return number;
  }

  boolean eof() {
    return eof;
  }

  long received() {
    return checker == null ? 0 : checker.received();
  }

  long total() {
    return total;
  }

  boolean complete() {
    return checker != null && checker.complete();
  }

  /// The header is that of another run, or no header at all.
  boolean broken() {
    return stray || !faults.isEmpty();
  }

  /// Belongs to another run: nobody's business here.
  boolean stray() {
    return stray;
  }

  long read(SocketChannel channel, ByteBuffer buffer) throws IOException {
    int count = channel.read(buffer);
    if (count < 0) {
      eof = true;
      return 0;
    }
    accept(buffer.flip());
    return count;
  }

  /// A pause in nanoseconds, mostly 0, after a read.
  long pause() {
    if (!stalled && plan.stalls == direction && !plan.stall.isZero() && pastStall()) {
      stalled = true;
      return plan.stall.toNanos();
    }
    return Outflow.pause(plan, random);
  }

  void reset(IOException cause) {
    faults.add(new Fault(Kind.RESET, received(), 0, String.valueOf(cause.getMessage())));
  }

  /// Everything that was wrong. Without an EOF, the patience has ended.
  List<Fault> end() {
    boolean reset = !faults.isEmpty();
    if (checker != null) {
      faults.addAll(checker.end(eof || reset ? Kind.TRUNCATED : Kind.STUCK));
    } else if (!reset) {
      String seen = header.position() + " of " + header.capacity() + " header bytes";
      faults.add(new Fault(eof ? Kind.TRUNCATED : Kind.STUCK, 0, 0, seen));
    }
    if (!eof && faults.isEmpty()) {
      faults.add(Fault.of(Kind.NO_EOF, received(), 0));
    }
    return List.copyOf(faults);
  }

  private boolean pastStall() {
    return checker != null && received() >= plan.stallAfter;
  }

  private void accept(ByteBuffer bytes) {
    if (checker == null) {
      int length = Math.min(header.remaining(), bytes.remaining());
      header.put(bytes.slice(bytes.position(), length));
      bytes.position(bytes.position() + length);
      if (!header.hasRemaining()) {
        identify();
      }
    }
    if (checker != null) {
      checker.accept(bytes);
    }
  }

  private void identify() {
    header.flip();
    long magic = header.getLong();
    stray = magic == Outflow.MAGIC && header.getLong() != run;
    if (magic == Outflow.MAGIC && !stray) {
      number = header.getLong();
      total = plan.total(direction, number);
      checker = new Checker(plan.pattern(direction, number), total);
    } else if (!stray) {
      faults.add(new Fault(Kind.BAD_HEADER, 0, Outflow.HEADER, Long.toHexString(magic)));
    }
  }
}
