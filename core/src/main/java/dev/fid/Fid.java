package dev.fid;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.BpfException;
import dev.fid.metrics.FidMetrics;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.Transport;
import dev.fid.pipe.Transports;
import dev.fid.splice.Endpoint;
import dev.fid.splice.KernelPath;
import dev.fid.splice.Party;
import dev.fid.splice.SpliceHandle;
import dev.fid.splice.SpliceOptions;
import dev.fid.splice.Splicer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/// Splices sockets in the kernel, and runs pipes. Thread safe; several instances live side by side.
///
/// ```java
/// try (Fid fid = Fid.open()) {
///   Pipe pipe = fid.bind(PipeSpec.builder("web").listen("tcp://127.0.0.1:8080").connect("unix:///run/app.sock").build());
///   pipe.start();
/// }
/// ```
///
/// Splicing in the kernel needs Linux 6.6.94, 6.12.34, 6.15.3 or later of these lines, and CAP_BPF,
/// CAP_NET_ADMIN and CAP_PERFMON. Where it is not to be had, everything is relayed in user space,
/// and [#kernelPath()] says why. The JVM wants `--enable-native-access=ALL-UNNAMED`.
public final class Fid implements AutoCloseable {
  private final Splicer splicer;
  private final Transports transports;
  private final List<Pipe> pipes = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Fid(Splicer splicer, Transports transports) {
    this.splicer = splicer;
    this.transports = transports;
  }

  /// Opens with the defaults, and every transport that [ServiceLoader] finds.
  @MustBeClosed
  public static Fid open() throws IOException {
    return open(FidOptions.defaults());
  }

  /// Opens with every transport that [ServiceLoader] finds.
  @MustBeClosed
  public static Fid open(FidOptions options) throws IOException {
    return open(options, ServiceLoader.load(Transport.class));
  }

  /// Opens with these transports.
  ///
  /// A kernel path that is not to be had is no failure: see [#kernelPath()].
  ///
  /// @throws BpfException when the event loops cannot be set up
  /// @throws IllegalArgumentException when two transports serve one family
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed with the instance
  public static Fid open(FidOptions options, Iterable<Transport> transports) throws IOException {
    return new Fid(
        new Splicer(options.loops(), options.capacity(), options.useKernel()),
        new Transports(transports));
  }

  /// Whether splicing in the kernel works here, and if not why.
  public KernelPath kernelPath() {
    return splicer.kernelPath();
  }

  /// Joins two connected, non-blocking sockets, both ways.
  ///
  /// Takes ownership of both descriptors: they are closed when the splice ends, and nobody else may
  /// read, write or close them. The first endpoint's bytes go upstream, the second's downstream.
  /// Bytes that were queued before are moved too, in order. Returns at once; a splice that cannot
  /// begin ends, and its [SpliceHandle#closed()] tells why.
  ///
  /// @throws IllegalArgumentException when they cannot be joined so, or one is of another type than
  ///   its family; both are closed then
  public SpliceHandle splice(Endpoint a, Endpoint b, SpliceOptions options) {
    return splicer.splice(a, b, options);
  }

  /// The same with the defaults.
  public SpliceHandle splice(Endpoint a, Endpoint b) {
    return splice(a, b, SpliceOptions.defaults());
  }

  /// Joins the sockets of two parties, both ways, once both have come: sockets that the application
  /// has, of streams or of messages, as its library knows them or by descriptor
  /// ([Party#descriptor]), or one that Fid connects ([#connecting]). A stream and messages need
  /// [SpliceOptions#framing()].
  ///
  /// Completes exceptionally, with an [IOException] that says why, when a party has no socket to
  /// splice; then nothing has happened to the other's. Completes on a thread of the parties' or of
  /// Fid's: what depends on it must not block.
  public CompletionStage<SpliceHandle> splice(Party a, Party b, SpliceOptions options) {
    return splicer.splice(a, b, options);
  }

  /// The same with the defaults: [SpliceOptions#datagrams()] where one of them is of datagrams.
  public CompletionStage<SpliceHandle> splice(Party a, Party b) {
    return splicer.splice(a, b, null);
  }

  /// A socket that Fid connects, and closes when the splice ends; one that is undone hands over its
  /// descriptor.
  ///
  /// @param timeout bounds everything, name lookup included
  public Party connecting(Address address, Duration timeout) {
    return transports.connecting(address, timeout, splicer);
  }

  /// Binds a pipe's listener; it accepts nothing until [Pipe#start()]. Closed with this instance at
  /// the latest.
  ///
  /// @throws IOException that names the pipe, what was tried, why it failed and what to do
  public Pipe bind(PipeSpec spec) throws IOException {
    Pipe pipe = Pipe.bind(spec, splicer, transports);
    pipes.add(pipe);
    return pipe;
  }

  /// Binds them all or none: where one cannot be bound, the listeners of the others are closed
  /// again, and nothing was accepted.
  ///
  /// @throws IOException that names the pipe, what was tried, why it failed and what to do
  public List<Pipe> bindAll(Collection<PipeSpec> specs) throws IOException {
    List<Pipe> bound = new ArrayList<>();
    try {
      for (PipeSpec spec : specs) {
        bound.add(Pipe.bind(spec, splicer, transports));
      }
    } catch (Throwable e) {
      bound.forEach(Pipe::close);
      throw e;
    }
    pipes.addAll(bound);
    return List.copyOf(bound);
  }

  /// The pipes that were bound, in order, also those that have stopped.
  public List<Pipe> pipes() {
    return List.copyOf(pipes);
  }

  /// Meters of the pipes that are bound when a registry is; their names and labels are at
  /// [FidMetrics].
  public MeterBinder metrics() {
    return new FidMetrics(this::pipes);
  }

  /// Entries in the kernel's maps now, three a lane in the kernel; zero where nothing is spliced.
  /// Walks the maps: for tests and reports.
  public int mapEntries() {
    return splicer.mapEntries();
  }

  /// Stops accepting and ends every splice now; [Pipe#stop] drains first. Returns when nothing of
  /// it is left. Idempotent.
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    for (Pipe pipe : pipes) {
      pipe.close();
    }
    splicer.close();
  }
}
