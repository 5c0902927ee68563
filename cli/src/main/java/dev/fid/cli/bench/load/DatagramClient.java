package dev.fid.cli.bench.load;

import dev.fid.os.Epoll;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One socket that sends numbered datagrams, and knows which have arrived or were answered.
///
/// Of its loop's thread, but for [#arrived], which is of the back end's. Owns its descriptor.
final class DatagramClient implements Handler, Pacer.Callee {
  private final DatagramTrial trial;
  private final Loop loop;
  private final long id;
  private final int fd;
  private final BitSet answered = new BitSet();
  private final BitSet arrived = new BitSet();
  private int token;
  private boolean open = true;
  private volatile boolean stopped;
  private long lastSent;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong back = new AtomicLong();
  private final AtomicLong there = new AtomicLong();

  /// Takes ownership of the descriptor.
  DatagramClient(DatagramTrial trial, Loop loop, long id, int fd) {
    this.trial = trial;
    this.loop = loop;
    this.id = id;
    this.fd = fd;
  }

  long id() {
    return id;
  }

  Loop loop() {
    return loop;
  }

  /// How many it has sent.
  long sent() {
    return sent.getAcquire();
  }

  /// How many came back, of those that are answered, or else arrived.
  long done() {
    return (trial.answers() ? back : there).getAcquire();
  }

  void open(Target target) throws IOException {
    token = loop.add(fd, Epoll.IN, this);
    int result = Sockets.connect(fd, target.name());
    if (result < 0) {
      fail("connect to " + target + ": " + Errno.name(-result));
      return;
    }
    call(System.nanoTime());
  }

  /// Sends the next, which was due at a time.
  @Override
  public void call(long due) {
    if (!open || stopped) {
      return;
    }
    Message message = new Message(id, increment(sent) - 1, due);
    long given = Fds.send(fd, message.write(loop.buffer(), trial.size(), loop.pattern()));
    lastSent = System.nanoTime();
    // With a full send buffer it counts as lost.
    if (given < 0 && given != -Errno.EAGAIN) {
      fail("send: " + Errno.name((int) -given));
    }
  }

  boolean isWaiting() {
    return done() < sent();
  }

  /// Sends another where none has been answered for so long: the last is lost, or late.
  void nudge(long now, long patience) {
    if (isWaiting() && now - lastSent > patience) {
      call(now);
    }
  }

  @Override
  public void ready(int events) {
    while (open) {
      long got = Fds.recv(fd, loop.buffer());
      if (got == -Errno.EAGAIN) {
        return;
      }
      if (got < 0) {
        fail("recv: " + Errno.name((int) -got));
        return;
      }
      answered(loop.buffer().asSlice(0, got));
    }
  }

  private void answered(MemorySegment bytes) {
    long now = System.nanoTime();
    Message message = Message.read(bytes);
    if (!accept("client", message, bytes, loop, answered)) {
      return;
    }
    trial.tally(loop).completed(message.due(), now);
    if (increment(back) == 1) {
      trial.established();
    }
    if (trial.closed() && message.number() == sent() - 1) {
      call(now);
    }
  }

  /// It has come to the back end, on whose loop this is; whether that is to answer.
  boolean arrived(Message message, MemorySegment bytes, Loop at) {
    if (!accept("back end", message, bytes, at, arrived)) {
      return false;
    }
    long arrivals = increment(there);
    if (!trial.answers()) {
      trial.tally(at).completed(message.due(), System.nanoTime());
      if (arrivals == 1) {
        trial.established();
      }
    }
    return trial.answers();
  }

  /// Whether it is as it was sent, for the first time.
  private boolean accept(String role, Message message, MemorySegment bytes, Loop at, BitSet seen) {
    String wrong = wrong(message, bytes, at, seen);
    if (wrong != null) {
      fail(role + ": " + wrong);
      return false;
    }
    seen.set((int) message.number());
    trial.tally(at).received(bytes.byteSize());
    return true;
  }

  private @Nullable String wrong(Message message, MemorySegment bytes, Loop at, BitSet seen) {
    long number = message.number();
    if (bytes.byteSize() != trial.size()) {
      return "a datagram of %d bytes in place of %d".formatted(bytes.byteSize(), trial.size());
    }
    if (number < 0
        || number > Integer.MAX_VALUE
        || !message.isIntact(bytes, trial.size(), at.pattern())) {
      return "a datagram's bytes are wrong";
    }
    if (message.client() != id) {
      return "got what client %d has sent".formatted(message.client());
    }
    if (number >= sent()) {
      return "datagram %d came before it was sent".formatted(number);
    }
    return seen.get((int) number) ? "datagram %d came twice".formatted(number) : null;
  }

  /// By the one thread that writes it.
  private static long increment(AtomicLong count) {
    long next = count.getPlain() + 1;
    count.setRelease(next);
    return next;
  }

  void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped;
  }

  private void fail(String what) {
    trial.fault(what + " (client " + id + ")");
  }

  void close() {
    if (open) {
      open = false;
      loop.forget(token);
      Fds.close(fd);
    }
  }
}
