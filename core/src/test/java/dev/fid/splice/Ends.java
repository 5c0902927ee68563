package dev.fid.splice;

import static dev.fid.os.SocketPair.await;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Two connections, each with an application at its far end; Fid's ends of both are to be spliced.
///
/// Upstream is from `near` to `far`.
final class Ends implements AutoCloseable {
  private final SocketPair nearPair;
  private final SocketPair farPair;
  private final Endpoint a;
  private final Endpoint b;
  final Peer near;
  final Peer far;
  private @Nullable Splice splice;
  private boolean nearTaken;

  private Ends(Family nearFamily, SocketPair nearPair, Family farFamily, SocketPair farPair) {
    this.nearPair = nearPair;
    this.farPair = farPair;
    near = new Peer(nearPair);
    far = new Peer(farPair);
    a = new Endpoint(nearFamily, nearPair.takeServer());
    b = new Endpoint(farFamily, farPair.takeServer());
  }

  @MustBeClosed
  static Ends of(Family near, Family far) throws Exception {
    return new Ends(near, connect(near), far, connect(far));
  }

  @MustBeClosed
  static Ends tcp() throws Exception {
    return of(Family.TCP, Family.TCP);
  }

  /// From TCP; the kernel may pause what is TCP of both.
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  static Ends pausable(Splicer splicer, Family far) throws Exception {
    return new Ends(
        Family.TCP,
        pausable(splicer),
        far,
        far == Family.TCP ? pausable(splicer) : SocketPair.unix());
  }

  /// The same from TCP to UNIX, where Fid has connected, as to a back end.
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  static Ends pausableBackEnd(Splicer splicer) throws Exception {
    return new Ends(Family.TCP, pausable(splicer).turn(), Family.UNIX_STREAM, SocketPair.unix());
  }

  @MustBeClosed
  private static SocketPair pausable(Splicer splicer) throws Exception {
    return SocketPair.tcp(listener -> {
      splicer.mayPause(port(listener));
      splicer.adopt(listener);
    });
  }

  private static int port(int listener) {
    try {
      return Sockets.localName(listener).port();
    } catch (OsException e) {
      throw new AssertionError(e);
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  private static SocketPair connect(Family family) throws Exception {
    return switch (family) {
      case TCP -> SocketPair.tcp();
      case UNIX_STREAM -> SocketPair.unix();
      case VSOCK -> SocketPair.vsock();
      case UDP, UNIX_DATAGRAM, UNIX_SEQPACKET ->
          throw new IllegalArgumentException(family + " has no streams");
    };
  }

  /// Splices them; Fid owns its ends from now on.
  Splice splice(Splicer splicer, SpliceOptions options) {
    Splice started = (Splice) splicer.splice(a, b, options);
    splice = started;
    return started;
  }

  /// Lends both ends to a splice; they stay this one's.
  Splice lend(Splicer splicer, SpliceOptions options) {
    return (Splice)
        splicer
            .splice(Party.descriptor(a.fd()), Party.descriptor(b.fd()), options)
            .toCompletableFuture()
            .join();
  }

  int nearFd() {
    return a.fd();
  }

  int farFd() {
    return b.fd();
  }

  /// A splice that has not begun, for tests of what it is made of.
  Splice unstarted(Splicer splicer, SpliceOptions options) {
    Splice created =
        new Splice(
            splicer.nextLoop(),
            splicer.kernelPath(),
            new Custody.Given(a),
            new Custody.Given(b),
            options);
    splice = created;
    return created;
  }

  /// Whether the end of what `near` sent has reached Fid's side.
  boolean nearSawEnd() {
    return SocketPair.isHalfClosed(a.fd());
  }

  /// Waits until Fid's side has so many bytes of what `near` sent.
  void awaitNearQueued(int bytes) {
    await(() -> Sockets.queued(a.fd()), queued -> queued >= bytes);
  }

  /// Fid's end of the first connection; whoever takes it closes it.
  Endpoint takeNear() {
    nearTaken = true;
    return a;
  }

  /// What the call gives on the splice's loop.
  static <T> T onLoop(Splice splice, Callable<T> call) {
    return onLoop(splice.loop(), call);
  }

  static <T> T onLoop(SpliceLoop loop, Callable<T> call) {
    return loop.eventLoop().submit(call).syncUninterruptibly().getNow();
  }

  static LaneState state(Lane lane) {
    return onLoop(lane.splice, lane::state);
  }

  static void awaitState(Lane lane, LaneState state) {
    until(() -> state(lane) == state);
  }

  static void until(BooleanSupplier holds) {
    await(() -> holds.getAsBoolean() ? 1 : 0, answer -> answer == 1);
  }

  /// The final counters, as soon as there are any.
  static SpliceStats ended(SpliceHandle handle) {
    return handle.closed().toCompletableFuture().join();
  }

  /// Ends it where it has not, and waits until it has let go of everything.
  static SpliceStats end(SpliceHandle handle) {
    if (handle.stats().outcome() instanceof Outcome.Live) {
      handle.close();
    }
    return ended(handle);
  }

  /// Sends from `near` until the gate is shut and its lane pumps into a target that is full.
  static long fill(Ends ends, Lane lane) {
    return fill(ends, lane, LaneState.PUMP);
  }

  /// Sends from `near` until no more can be sent and the lane is in this state.
  static long fill(Ends ends, Lane lane, LaneState state) {
    long before = ends.near.sent();
    until(() -> ends.near.offer(1 << 20) == 0 && state(lane) == state);
    return ends.near.sent() - before;
  }

  @Override
  public void close() {
    Splice present = splice;
    if (present == null) {
      if (!nearTaken) {
        Fds.close(a.fd());
      }
      Fds.close(b.fd());
    } else if (end(present).outcome() instanceof Outcome.Undone) {
      Fds.close(a.fd());
      Fds.close(b.fd());
    }
    nearPair.close();
    farPair.close();
  }
}
