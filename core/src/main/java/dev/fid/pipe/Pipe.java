package dev.fid.pipe;

import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import dev.fid.splice.KernelPath;
import dev.fid.splice.LanePlan;
import dev.fid.splice.OnUnsupported;
import dev.fid.splice.SpliceHandle;
import dev.fid.splice.SpliceLoop;
import dev.fid.splice.SpliceOptions;
import dev.fid.splice.Splicer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running pipe: accepts, connects, and splices the two. Thread safe.
///
/// ```
///   BOUND --- start ---> ACCEPTING --- stop ---> DRAINING --- no connection left, or the grace is over ---> STOPPED
/// ```
public final class Pipe implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pipe.class);

  private final PipeSpec spec;
  private final SpliceOptions options;
  private final Splicer splicer;
  private final Transport.Listener listener;
  private final Transport connector;
  private final LanePlan upstreamPlan;
  private final LanePlan downstreamPlan;
  private final Connections connections;
  private final Repeated connectFailures;
  private final Repeated rejections;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  @SuppressWarnings("MustBeClosedChecker") // closed with the pipe
  private Pipe(PipeSpec spec, Splicer splicer, Transports transports) throws IOException {
    this.spec = spec;
    this.splicer = splicer;
    options =
        new SpliceOptions(
            spec.backlog(),
            spec.sendBuffer(),
            spec.halfClose(),
            spec.onUnsupported(),
            spec.idleTimeout(),
            spec.framing(),
            spec.ancillary(),
            true,
            spec.bulk());
    KernelPath kernel = splicer.kernelPath(spec.listen().family(), spec.connect().family());
    upstreamPlan =
        splicer
            .plan(spec.listen().family(), spec.connect().family(), spec.halfClose(), spec.framing())
            .carrying(spec.ancillary());
    downstreamPlan =
        spec.listen().family() == Family.UNIX_DATAGRAM
            ? LanePlan.answers()
            : splicer
                .plan(
                    spec.connect().family(),
                    spec.listen().family(),
                    spec.halfClose(),
                    spec.framing())
                .carrying(spec.ancillary());
    if (spec.onUnsupported() == OnUnsupported.REFUSE
        && kernel instanceof KernelPath.Unavailable unavailable) {
      throw new IOException(unavailable.reason() + " (on_unsupported: refuse)");
    }
    connections = new Connections(spec.maxConnections(), upstreamPlan, downstreamPlan);
    connectFailures = new Repeated(LOG, spec.name());
    rejections = new Repeated(LOG, spec.name());
    connector = transports.serving(spec.connect());
    listener =
        transports
            .serving(spec.listen())
            .listen(spec.listen(), new ListenOptions(spec.listenBacklog(), spec.unix()));
  }

  /// Binds the listener.
  ///
  /// @throws IOException that names the pipe
  public static Pipe bind(PipeSpec spec, Splicer splicer, Transports transports)
      throws IOException {
    try {
      return new Pipe(spec, splicer, transports);
    } catch (IOException e) {
      throw new IOException("pipe " + spec.name() + ": " + e.getMessage(), e);
    }
  }

  public PipeSpec spec() {
    return spec;
  }

  /// Where it listens, with the port that was really bound.
  public Address listenAddress() {
    return listener.address();
  }

  /// How its connections run: `in kernel`, or which direction is relayed and why.
  public String describe() {
    if (upstreamPlan.equals(downstreamPlan)) {
      return upstreamPlan.toString();
    }
    return "upstream " + upstreamPlan + "; downstream " + downstreamPlan;
  }

  /// Accepts from now on.
  ///
  /// @throws IllegalStateException when it was started before
  public void start() {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("pipe " + spec.name() + " was started before");
    }
    if (listener.address() instanceof Address.Tcp(_, int port)) {
      splicer.mayPause(port);
      splicer.adopt(listener.descriptor());
    }
    if (spec.connect() instanceof Address.Tcp(_, int port)) {
      splicer.mayPause(port);
    }
    listener.start(splicer.nextLoop().eventLoop(), this::accepted);
  }

  /// On the listener's loop.
  private void accepted(Endpoint client) {
    boolean evicts = client.family().isDatagram();
    if (!connections.admit(evicts)) {
      client.discard();
      rejections.say("rejected a connection: max_connections is " + spec.maxConnections());
      return;
    }
    SpliceLoop loop = splicer.nextLoop();
    loop.run(() ->
        connector.connect(
            spec.connect(), spec.connectTimeout(), loop.eventLoop(), new Connecting(loop, client)));
  }

  /// The client that waits for its backend.
  private final class Connecting implements Transport.ConnectHandler {
    private final SpliceLoop loop;
    private final Endpoint client;

    Connecting(SpliceLoop loop, Endpoint client) {
      this.loop = loop;
      this.client = client;
    }

    @Override
    public void connecting(int fd) {
      if (spec.connect().family() == Family.TCP) {
        splicer.adopt(fd);
      }
    }

    @Override
    public void connected(Endpoint backend) {
      SpliceHandle splice = splicer.splice(loop, client, backend, options, connections::add);
      connections.started(splice.stats());
      splice.closed().thenAccept(stats -> connections.remove(splice, stats));
    }

    @Override
    public void failed(IOException reason) {
      client.discard();
      connections.failed();
      connectFailures.say(String.valueOf(reason.getMessage()));
    }
  }

  /// The counters now.
  public PipeStats stats() {
    return connections.stats().plusOverflow(listener.dropped());
  }

  /// Stops accepting, waits up to `grace` for the connections to end, then ends them with a reset.
  /// Completes when none is left, on an event loop: what depends on it must not block.
  public CompletionStage<Void> stop(Duration grace) {
    listener.close();
    connections.whenEmpty(() -> stopped.complete(null));
    if (!stopped.isDone()) {
      Future<?> _ =
          splicer
              .nextLoop()
              .eventLoop()
              .schedule(connections::closeAll, grace.toNanos(), TimeUnit.NANOSECONDS);
    }
    return stopped.minimalCompletionStage();
  }

  /// Stops accepting and ends every connection now, with a reset. Idempotent.
  @Override
  public void close() {
    listener.close();
    connections.closeAll();
  }
}
