package dev.fid.reach;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.PipeStats;
import dev.fid.splice.HalfClose;
import dev.fid.splice.KernelPath;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/// One pipe of an instance of Fid of its own, with the defaults except for what the test says.
record Bed(Fid fid, Pipe pipe, SocketAddress front) implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /// Spliced in the kernel, or the test fails.
  @MustBeClosed
  static Bed open(Pair pair, HalfClose halfClose, Path directory, SocketAddress back)
      throws IOException {
    return open(spec(pair, directory, back).halfClose(halfClose), true);
  }

  /// Relayed in user space.
  @MustBeClosed
  static Bed relayed(Pair pair, HalfClose halfClose, Path directory, SocketAddress back)
      throws IOException {
    return open(spec(pair, directory, back).halfClose(halfClose), false);
  }

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed with the bed
  static Bed open(PipeSpec.Builder spec, boolean kernel) throws IOException {
    Fid fid = Fid.open(FidOptions.defaults().withKernel(kernel));
    try {
      if (kernel && fid.kernelPath() instanceof KernelPath.Unavailable(String reason)) {
        throw new AssertionError(reason);
      }
      Pipe pipe = fid.bind(spec.build());
      pipe.start();
      return new Bed(fid, pipe, socketAddress(pipe.listenAddress()));
    } catch (Throwable e) {
      fid.close();
      throw e;
    }
  }

  /// A pipe of these families to `back`; a UNIX front has a path in the directory.
  static PipeSpec.Builder spec(Pair pair, Path directory, SocketAddress back) {
    String front =
        pair.front.equals("tcp")
            ? "tcp://127.0.0.1:0"
            : "unix://" + directory.resolve("front-" + Long.toHexString(System.nanoTime()));
    return PipeSpec.builder("bed").listen(front).connect(uri(back));
  }

  static String uri(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        ? "unix://" + unix.getPath()
        : "tcp://127.0.0.1:" + ((InetSocketAddress) address).getPort();
  }

  private static SocketAddress socketAddress(Address address) {
    return switch (address) {
      case Address.Tcp tcp -> new InetSocketAddress(tcp.host(), tcp.port());
      case Address.Unix unix -> UnixDomainSocketAddress.of(unix.path());
      default -> throw new IllegalArgumentException("no clients for " + address);
    };
  }

  /// What the JVM opens once and keeps is open after this.
  static void warmUp(Pair pair, Path directory) throws IOException, InterruptedException {
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "warm"));
        Bed bed = open(pair, HalfClose.KEEP, directory, back.address())) {
      Traffic.run(bed.front(), back, TrafficPlan.shortConnections(2, 2)).assertClean();
    }
  }

  /// Before its block ends: closing is what is tested. Closing again does nothing.
  static void closeNow(AutoCloseable end) throws Exception {
    end.close();
  }

  PipeStats stats() {
    return pipe.stats();
  }

  /// Fails unless every connection goes, and with it every lane and every entry of a map.
  void assertNothingLeft() throws InterruptedException {
    Until.holds(
        () -> "live " + stats().live() + ", map entries " + fid.mapEntries(),
        () -> stats().live() == 0 && fid.mapEntries() == 0);
  }

  /// Fails where the kernel has dropped an skb that it had taken.
  void assertNothingDropped() {
    PipeStats stats = stats();
    if (stats.upstream().droppedSkbs() + stats.downstream().droppedSkbs() > 0) {
      throw new AssertionError("skbs were dropped: " + stats);
    }
  }

  @Override
  public void close() {
    fid.close();
  }
}
