package dev.fid.cli;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.splice.HalfClose;
import dev.fid.splice.KernelPath;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `fid demo`: two pipes to an embedded backend, real traffic, and what became of it.
@Command(
    name = "demo",
    description = {
      "Drives real traffic through two pipes, TCP to TCP and TCP to UNIX, on this machine's loopback.",
      "Prints round trips, throughput and which path the bytes took."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int CONNECTIONS = 8;

  @Option(
      names = "--duration",
      paramLabel = "DURATION",
      defaultValue = "1500ms",
      converter = RunCommand.Grace.class,
      description = "Of each of the four measurements (default: ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ofMillis(1500);

  @Option(
      names = "--relay",
      description = "Moves every byte in user space, to compare with the kernel.")
  private boolean relay;

  private final PrintWriter out;

  DemoCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (EchoBackend backend = EchoBackend.start();
        Fid fid = open()) {
      if (!relay && fid.kernelPath() instanceof KernelPath.Unavailable unavailable) {
        out.println("Splicing in the kernel does not work here: " + unavailable.reason());
        out.println("So every byte is relayed by user space. `fid doctor` says more.");
      }
      Pipe toTcp = bind(fid, "tcp-to-tcp", backend.tcp());
      Pipe toUnix = bind(fid, "tcp-to-unix", backend.unix());
      for (Pipe pipe : List.of(toTcp, toUnix)) {
        drive(pipe);
      }
    }
    return 0;
  }

  @MustBeClosed
  private Fid open() throws IOException {
    return Fid.open(FidOptions.defaults().withKernel(!relay));
  }

  private static Pipe bind(Fid fid, String name, Address backend) throws IOException {
    return fid.bind(
        PipeSpec.builder(name)
            .listen("tcp://127.0.0.1:0")
            .connect(backend)
            .halfClose(HalfClose.END)
            .build());
  }

  private void drive(Pipe pipe) throws IOException, InterruptedException {
    pipe.start();
    out.printf(
        "%n%s: %s -> %s, %s%n",
        pipe.spec().name(), pipe.listenAddress(), pipe.spec().connect(), pipe.describe());
    out.flush();
    DemoTraffic traffic = new DemoTraffic((Address.Tcp) pipe.listenAddress(), duration);
    DemoTraffic.Result small = traffic.roundTrips(CONNECTIONS, 64);
    out.printf(
        "  round trips  %,d a second (%,d in %s; 64 bytes, %d connections)%n",
        small.perSecond(small.count()), small.count(), seconds(small), CONNECTIONS);
    out.flush();
    DemoTraffic.Result bulk = traffic.bulk();
    out.printf(
        "  throughput   %s a second each way (%s in %s; 1 connection)%n",
        Bytes.format(bulk.perSecond(bulk.bytes())), Bytes.format(bulk.bytes()), seconds(bulk));
    pipe.stop(Duration.ofSeconds(2)).toCompletableFuture().join();
    PathShares shares = PathShares.of(pipe.stats());
    out.println("  " + shares);
    out.flush();
  }

  private static String seconds(DemoTraffic.Result result) {
    return "%.1f s".formatted(result.nanos() / 1e9);
  }
}
