package dev.fid.bench.jmh;

import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// A pipe with connections: what one costs from its accept to its end, and what it costs to count
/// those that live.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings({"NullAway.Init", "MustBeClosedChecker"}) // JMH sets up and tears down
public class Connections {
  /// Two lanes each.
  @Param("500")
  private int live;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<Socket> sockets = new ArrayList<>();
  private ServerSocket backEnd;
  private Fid fid;
  private Pipe pipe;
  private InetSocketAddress front;

  @Setup(Level.Trial)
  public void open() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    backEnd = new ServerSocket(0, 128, loopback);
    fid = Fid.open(FidOptions.defaults());
    String back = "tcp://127.0.0.1:" + backEnd.getLocalPort();
    pipe = fid.bind(PipeSpec.builder("bench").listen("tcp://127.0.0.1:0").connect(back).build());
    fid.metrics().bindTo(registry);
    pipe.start();
    front = new InetSocketAddress(loopback, ((Address.Tcp) pipe.listenAddress()).port());
    for (int i = 0; i < live; i++) {
      Socket client = new Socket();
      client.connect(front);
      sockets.add(client);
      sockets.add(backEnd.accept());
    }
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    pipe.stop(Duration.ZERO).toCompletableFuture().join();
    fid.close();
    backEnd.close();
    registry.close();
  }

  /// With `-prof gc` its allocation includes that of the client and of the back end.
  @Benchmark
  public int connection() throws IOException {
    try (Socket client = new Socket()) {
      client.connect(front);
      client.getOutputStream().write(1);
      try (Socket server = backEnd.accept()) {
        return server.getInputStream().read();
      }
    }
  }

  @Benchmark
  public int scrape() {
    return registry.scrape().length();
  }
}
