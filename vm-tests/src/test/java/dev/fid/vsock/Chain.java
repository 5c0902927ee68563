package dev.fid.vsock;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.Fid;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.PipeStats;
import dev.fid.splice.HalfClose;
import dev.fid.splice.KernelPath;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Pipes in a row: from TCP or UNIX to vsock, as many from vsock to vsock as one likes, and from
/// vsock to TCP or UNIX. So clients and back ends that know nothing of vsock can test it.
record Chain(Fid fid, List<Pipe> pipes) implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed with the chain
  static Chain open(String front, SocketAddress back, HalfClose halfClose, Path directory)
      throws IOException {
    Fid fid = Fid.open();
    try {
      if (fid.kernelPath() instanceof KernelPath.Unavailable(String reason)) {
        throw new AssertionError(reason);
      }
      Pipe last = bind(fid, "last", "vsock://any:0", uri(back), halfClose);
      Pipe middle = bind(fid, "middle", "vsock://local:0", reach(last), halfClose);
      String listen =
          front.equals("tcp")
              ? "tcp://127.0.0.1:0"
              : "unix://" + directory.resolve("front-" + Long.toHexString(System.nanoTime()));
      Pipe first = bind(fid, "first", listen, reach(middle), halfClose);
      return new Chain(fid, List.of(first, middle, last));
    } catch (Throwable e) {
      fid.close();
      throw e;
    }
  }

  private static Pipe bind(Fid fid, String name, String listen, String connect, HalfClose halfClose)
      throws IOException {
    Pipe pipe =
        fid.bind(
            PipeSpec.builder(name)
                .listen(listen)
                .connect(connect)
                .halfClose(halfClose)
                .connectTimeout(PATIENCE)
                .build());
    pipe.start();
    return pipe;
  }

  private static String reach(Pipe pipe) {
    return "vsock://local:" + ((Address.Vsock) pipe.listenAddress()).port();
  }

  private static String uri(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        ? "unix://" + unix.getPath()
        : "tcp://127.0.0.1:" + ((InetSocketAddress) address).getPort();
  }

  SocketAddress front() {
    return switch (pipes.getFirst().listenAddress()) {
      case Address.Tcp tcp -> new InetSocketAddress(tcp.host(), tcp.port());
      case Address.Unix unix -> UnixDomainSocketAddress.of(unix.path());
      case Address other -> throw new IllegalStateException("no client for " + other);
    };
  }

  /// Fails unless every connection goes, and with it every lane and every entry of a map; and where
  /// the kernel has dropped an skb that it had taken.
  void assertNothingLeftNorDropped() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (fid.mapEntries() > 0 || pipes.stream().anyMatch(pipe -> pipe.stats().live() > 0)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it stays so: " + fid.mapEntries() + " map entries, " + stats());
      }
      Thread.sleep(10);
    }
    for (PipeStats stats : stats()) {
      if (stats.upstream().droppedSkbs() + stats.downstream().droppedSkbs() > 0) {
        throw new AssertionError("skbs were dropped: " + stats);
      }
    }
  }

  List<PipeStats> stats() {
    return pipes.stream().map(Pipe::stats).toList();
  }

  @Override
  public void close() {
    fid.close();
  }
}
