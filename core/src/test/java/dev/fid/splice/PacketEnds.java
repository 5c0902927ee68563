package dev.fid.splice;

import static dev.fid.testkit.PacketEnd.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.testkit.PacketEnd;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// A UNIX SEQPACKET connection and another of any kind, with an application at the far end of each;
/// Fid's ends of both are to be spliced.
///
/// Upstream is from the SEQPACKET one.
final class PacketEnds implements AutoCloseable {
  private final SocketPair nearPair;
  private final SocketPair farPair;
  private final PacketEnd near;
  private final PacketEnd far;
  private final Endpoint a;
  private final Endpoint b;
  private final AtomicReference<@Nullable Throwable> complaint = new AtomicReference<>();
  private @Nullable Session session;

  private PacketEnds(SocketPair nearPair, Family farFamily, SocketPair farPair) {
    this.nearPair = nearPair;
    this.farPair = farPair;
    near = client(nearPair);
    far = client(farPair);
    a = new Endpoint(Family.UNIX_SEQPACKET, nearPair.takeServer());
    b = new Endpoint(farFamily, farPair.takeServer());
  }

  private static PacketEnd client(SocketPair pair) {
    int[] fd = {0};
    pair.closeClient(taken -> fd[0] = taken);
    return new PacketEnd(fd[0]);
  }

  @MustBeClosed
  static PacketEnds seqpacket() throws Exception {
    return and(Family.UNIX_SEQPACKET);
  }

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  static PacketEnds and(Family family) throws Exception {
    return new PacketEnds(
        SocketPair.seqpacket(),
        family,
        switch (family) {
          case TCP -> SocketPair.tcp();
          case UNIX_STREAM -> SocketPair.unix();
          case UNIX_SEQPACKET -> SocketPair.seqpacket();
          case UDP, UNIX_DATAGRAM, VSOCK -> throw new IllegalArgumentException(family.scheme());
        });
  }

  Session splice(Splicer splicer, SpliceOptions options) {
    Session started = (Session) splicer.splice(a, b, options);
    session = started;
    return started;
  }

  /// Lends both ends to a splice; they stay this one's.
  Session lend(Splicer splicer, SpliceOptions options) {
    return (Session)
        splicer
            .splice(Party.descriptor(a.fd()), Party.descriptor(b.fd()), options)
            .toCompletableFuture()
            .join();
  }

  Session session() {
    return Objects.requireNonNull(session);
  }

  PacketEnd near() {
    return near;
  }

  PacketEnd far() {
    return far;
  }

  /// Fid's end of the SEQPACKET connection.
  int nearFd() {
    return a.fd();
  }

  int farFd() {
    return b.fd();
  }

  /// Sends so many messages, from this number on, on a thread of its own.
  Thread sending(PacketEnd from, long first, int count) {
    return each(first, count, number -> from.send(message(number)));
  }

  /// Expects so many messages, from this number on, on a thread of its own.
  Thread expecting(PacketEnd to, long first, int count) {
    return each(first, count, number -> to.expect(message(number)));
  }

  private Thread each(long first, int count, LongConsumer step) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            LongStream.range(first, first + count).forEach(step);
          } catch (Throwable e) {
            complaint.set(e);
          }
        });
  }

  void expectNoComplaint() {
    assertThat(complaint.get()).isNull();
  }

  /// Sends messages of 1,000 bytes until no more is taken, and the lane waits for its target: how
  /// many.
  int fill(PacketEnd from) {
    return fill(from, 1000);
  }

  int fill(PacketEnd from, int length) {
    return fill(session(), from, length);
  }

  static int fill(Session session, PacketEnd from, int length) {
    int[] sent = {0};
    DatagramLane lane = session.upstream();
    Ends.until(() -> {
      int before = sent[0];
      while (from.offer(message(sent[0], length)) != -Errno.EAGAIN) {
        sent[0]++;
      }
      return sent[0] == before && Ends.onLoop(session.loop(), lane::wantsOutput);
    });
    return sent[0];
  }

  @Override
  public void close() {
    Session present = session;
    if (present == null) {
      Fds.close(a.fd());
      Fds.close(b.fd());
    } else {
      Ends.end(present);
    }
    near.close();
    far.close();
    nearPair.close();
    farPair.close();
  }
}
