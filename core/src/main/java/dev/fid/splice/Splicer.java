package dev.fid.splice;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.fid.bpf.BpfException;
import dev.fid.bpf.KernelVersion;
import dev.fid.os.Fds;
import dev.fid.os.Membarrier;
import dev.fid.os.OsException;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Splices endpoints: the loops, and the programs in the kernel where it lets us. Thread safe.
public final class Splicer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Splicer.class);

  /// Of the descriptors that the process may open, the part that pipes of relayed lanes may take.
  private static final int DESCRIPTORS_A_PIPE = 16;

  private static final int MAX_PIPES = 4096;
  private static final int BUFFER_MEMORY = 128 << 20;

  /// sock_map_sk_is_suitable() wants UDP, TCP, or a UNIX socket of another type.
  private static final KernelPath.Unavailable NO_PACKETS =
      new KernelPath.Unavailable("the kernel takes no UNIX SEQPACKET socket into a sockmap");

  private final KernelPath kernelPath;
  private final @Nullable SpliceMaps maps;
  private final int capacity;
  private final MultiThreadIoEventLoopGroup group;
  private final List<SpliceLoop> loops = new ArrayList<>();
  private final ExecutorService barriers;
  private final Queue<Waiting> waitingForBarrier = new ConcurrentLinkedQueue<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicBoolean cappedSaid = new AtomicBoolean();

  @GuardedBy("this") private @Nullable DatagramPath datagrams;

  /// Opens the kernel path if it is to be had, and the loops.
  ///
  /// @param loops event loop threads
  /// @param capacity splices in the kernel at once
  /// @param useKernel false: relay everything
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here when something fails
  public Splicer(int loops, int capacity, boolean useKernel) throws BpfException {
    this.capacity = capacity;
    SpliceMaps opened = null;
    KernelPath path;
    if (!useKernel) {
      path = new KernelPath.Unavailable("the kernel path is switched off");
    } else if (!KernelVersion.running().spliceSafe()) {
      path =
          new KernelPath.Unavailable(
              "Linux "
                  + KernelVersion.running()
                  + " loses data in its sockmap backlog (CVE-2025-38165): run 6.6.94, 6.12.34,"
                  + " 6.15.3 or later of these lines");
    } else {
      try {
        opened = new SpliceMaps(capacity);
        path = new KernelPath.Available(opened.pausing().refusal());
      } catch (BpfException e) {
        path = new KernelPath.Unavailable(String.valueOf(e.getMessage()));
      }
    }
    kernelPath = path;
    maps = opened;
    group =
        new MultiThreadIoEventLoopGroup(
            loops, new DefaultThreadFactory("fid-loop", true), EpollIoHandler.newFactory());
    barriers = Executors.newSingleThreadExecutor(new DefaultThreadFactory("fid-barrier", true));
    try {
      int pipes = (int) Math.min(MAX_PIPES, Fds.limit() / DESCRIPTORS_A_PIPE) / loops;
      int buffers = BUFFER_MEMORY / BufferMover.CAPACITY / loops;
      for (int i = 0; i < loops; i++) {
        this.loops.add(new SpliceLoop(this, group.next(), maps, new MoverPool(pipes, buffers)));
      }
      if (maps != null) {
        new ClosingsWatch(maps.closings(), this::pushedBack)
            .register(this.loops.getFirst().eventLoop());
      }
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private void pushedBack(int slot) {
    Lane lane = maps == null ? null : maps.owner(slot);
    if (lane != null) {
      lane.splice.loop().run(lane::pushedBack);
    }
  }

  public KernelPath kernelPath() {
    return kernelPath;
  }

  /// Lets the kernel pause TCP connections that are accepted on this port, or made to it, from now
  /// on. From any thread.
  public void mayPause(int port) {
    if (maps != null) {
      maps.pausing().allow(port);
    }
  }

  /// Says that this TCP socket, which is not yet connected, is Fid's, and those that it accepts
  /// are: bounds what they queue while they are paused. From any thread.
  public void adopt(int fd) {
    if (maps != null) {
      maps.pausing().bound(fd);
    }
  }

  /// The loop whose turn it is.
  public SpliceLoop nextLoop() {
    return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
  }

  /// Joins two connected sockets, and takes ownership of both descriptors. From any thread.
  ///
  /// @throws IllegalArgumentException when they cannot be joined so, or one is not of its family;
  ///   both are closed then
  public SpliceHandle splice(Endpoint a, Endpoint b, SpliceOptions options) {
    String reason = a.mistaken() + b.mistaken();
    if (!reason.isEmpty()) {
      a.discard();
      b.discard();
      throw new IllegalArgumentException(reason);
    }
    return splice(nextLoop(), a, b, options, _ -> {});
  }

  /// Joins the sockets of two parties, once both have come. From any thread.
  ///
  /// Completes exceptionally, with what the party says, when one does not come; the other gets its
  /// socket back.
  ///
  /// @param options null: the defaults of what they turn out to be
  public CompletionStage<SpliceHandle> splice(Party a, Party b, @Nullable SpliceOptions options) {
    CompletableFuture<Custody> first = joined(a);
    CompletableFuture<Custody> second = joined(b);
    return CompletableFuture.allOf(first, second)
        .whenComplete((_, failure) -> {
          if (failure != null) {
            decline(first);
            decline(second);
          }
        })
        .thenCompose(_ -> splice(first.join(), second.join(), options));
  }

  private CompletionStage<SpliceHandle> splice(
      Custody a, Custody b, @Nullable SpliceOptions options) {
    try {
      SpliceOptions given = options == null ? defaults(a, b) : options;
      return CompletableFuture.completedStage(splice(nextLoop(), a, b, given, _ -> {}));
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedStage(new IOException(e.getMessage(), e));
    }
  }

  private static SpliceOptions defaults(Custody a, Custody b) {
    return a.endpoint().family().isDatagram() || b.endpoint().family().isDatagram()
        ? SpliceOptions.datagrams()
        : SpliceOptions.defaults();
  }

  private static CompletableFuture<Custody> joined(Party party) {
    try {
      return party.join().toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static void decline(CompletableFuture<Custody> party) {
    if (!party.isCompletedExceptionally()) {
      party.join().decline();
    }
  }

  /// The same on a given loop; `before` is told of the splice before a byte moves. When called on
  /// the loop's thread, the splice has started when this returns.
  public SpliceHandle splice(
      SpliceLoop loop,
      Endpoint a,
      Endpoint b,
      SpliceOptions options,
      Consumer<SpliceHandle> before) {
    return splice(loop, new Custody.Given(a), new Custody.Given(b), options, before);
  }

  private SpliceHandle splice(
      SpliceLoop loop, Custody a, Custody b, SpliceOptions options, Consumer<SpliceHandle> before) {
    Joined splice = join(loop, a, b, options);
    before.accept(splice);
    loop.run(splice::start);
    return splice;
  }

  private Joined join(SpliceLoop loop, Custody one, Custody two, SpliceOptions options) {
    Endpoint a = one.endpoint();
    Endpoint b = two.endpoint();
    if (!a.family().keepsBoundaries() && !b.family().keepsBoundaries()) {
      return new Splice(loop, kernelPath, one, two, options);
    }
    String reason = refusal(a.family(), b.family(), options);
    if (!reason.isEmpty()) {
      one.decline();
      two.decline();
      throw new IllegalArgumentException(reason);
    }
    return new Session(loop, one, two, options, plan(one, two, options), plan(two, one, options));
  }

  /// Where this lane of a session runs.
  private LanePlan plan(Custody source, Custody target, SpliceOptions options) {
    Endpoint from = source.endpoint();
    Endpoint to = target.endpoint();
    LanePlan plan = plan(from.family(), to.family(), options.halfClose(), options.framing());
    boolean lent = source instanceof Custody.Lent || target instanceof Custody.Lent;
    return LanePlan.shared(
        lent ? plan.comingBack(from.family()) : plan, from.shared(), to.shared());
  }

  /// Why a session between these cannot be; empty where it can.
  private static String refusal(Family a, Family b, SpliceOptions options) {
    if (a.keepsBoundaries() != b.keepsBoundaries() && options.framing() == null) {
      return ("%s and %s are a stream and messages, and a stream has no boundaries: say how messages stand in it"
              + " (SpliceOptions.withFraming): LEN16 or LEN32 for a length in front of each, or NONE for payloads as"
              + " they come")
          .formatted(a.scheme(), b.scheme());
    }
    if (options.ancillary() == Ancillary.RELAY
        && !(a == Family.UNIX_SEQPACKET && b == Family.UNIX_SEQPACKET)) {
      return "descriptors and credentials are carried between two UNIX streams or two UNIX SEQPACKET"
          + " sockets alone: leave Ancillary.RELAY out";
    }
    return isPacket(a, b) && options.onUnsupported() == OnUnsupported.REFUSE
        ? NO_PACKETS.reason() + ", and on_unsupported is refuse"
        : "";
  }

  private static boolean isPacket(Family a, Family b) {
    return a == Family.UNIX_SEQPACKET || b == Family.UNIX_SEQPACKET;
  }

  /// Whether lanes between these families can run in the kernel here.
  public KernelPath kernelPath(Family a, Family b) {
    if (isPacket(a, b)) {
      return NO_PACKETS;
    }
    return a.isDatagram() || b.isDatagram() ? datagrams().path() : kernelPath;
  }

  /// Where a lane between these families runs.
  ///
  /// @param framing how messages stand in the stream, if one of the two is a stream and the other
  ///   is not
  public LanePlan plan(
      Family source, Family target, HalfClose halfClose, @Nullable Framing framing) {
    if (isPacket(source, target)) {
      return LanePlan.choose(NO_PACKETS, source, target, halfClose);
    }
    return source.isDatagram() || target.isDatagram()
        ? datagrams().plan(source, target, halfClose, framing)
        : LanePlan.choose(kernelPath, source, target, halfClose);
  }

  /// The kernel path of datagrams, loaded when it is first asked for.
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  private synchronized DatagramPath datagrams() {
    DatagramPath present = datagrams;
    if (present == null) {
      present = DatagramPath.open(kernelPath, capacity);
      datagrams = present;
      DatagramMaps opened = present.maps();
      if (opened != null) {
        new ClosingsWatch(opened.stops(), slot -> stopped(opened.owner(slot)))
            .register(loops.getFirst().eventLoop());
      }
    }
    return present;
  }

  private static void stopped(@Nullable DatagramLane lane) {
    if (lane != null) {
      lane.session().loop().run(lane::stopped);
    }
  }

  @Nullable DatagramMaps datagramMaps() {
    return datagrams().maps();
  }

  /// Entries in the kernel's maps now; zero where nothing is spliced. For tests and reports.
  public int mapEntries() {
    DatagramPath present = datagramsIfOpen();
    int sessions = present == null || present.maps() == null ? 0 : present.maps().entries();
    return maps == null ? 0 : sessions + maps.sourceCount() + maps.targetCount() + maps.slotCount();
  }

  private synchronized @Nullable DatagramPath datagramsIfOpen() {
    return datagrams;
  }

  /// Runs the task, on a thread of its own, once every verdict that is under way has ended, or
  /// `failed` with why that cannot be known. One grace period serves all that wait for it.
  void afterVerdicts(Runnable task, Consumer<String> failed) {
    waitingForBarrier.add(new Waiting(task, failed));
    barriers.execute(this::barrier);
  }

  private record Waiting(Runnable task, Consumer<String> failed) {}

  private void barrier() {
    List<Waiting> batch = new ArrayList<>();
    for (Waiting waiting; (waiting = waitingForBarrier.poll()) != null; ) {
      batch.add(waiting);
    }
    if (batch.isEmpty()) {
      return;
    }
    try {
      Membarrier.global();
      batch.forEach(waiting -> waiting.task().run());
    } catch (OsException e) {
      String reason = "cannot wait for verdicts under way: " + e.getMessage();
      batch.forEach(waiting -> waiting.failed().accept(reason));
    }
  }

  void sendBufferCapped(int bytes) {
    if (cappedSaid.compareAndSet(false, true)) {
      LOG.warn(
          "send buffers stay at {} bytes, which slows lanes in the kernel: grant CAP_NET_ADMIN, or"
              + " raise net.core.wmem_max",
          bytes);
    }
  }

  /// Aborts every splice, and returns when the loops have stopped.
  @Override
  public void close() {
    for (SpliceLoop loop : loops) {
      loop.eventLoop().submit(loop::shutDown).awaitUninterruptibly();
    }
    barriers.shutdownNow();
    barriers.close(); // what it has begun ends on a loop that still runs
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
    if (maps != null) {
      maps.close();
    }
    DatagramPath present = datagramsIfOpen();
    if (present != null) {
      present.close();
    }
  }
}
