package dev.fid.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.Front;
import dev.fid.pipe.Pipe;
import dev.fid.splice.HalfClose;
import dev.fid.splice.KernelPath;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.Echo;
import dev.fid.testkit.PingPong;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FidMetricsTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private Echo echo;
  private Fid fid;

  @BeforeEach
  @SuppressWarnings("MustBeClosedChecker") // closed after each test
  void open() throws IOException {
    registry.throwExceptionOnRegistrationFailure();
    echo = Echo.listen(Addresses.tcp());
    fid = Fid.open(FidOptions.defaults().withLoops(2));
  }

  @AfterEach
  void close() throws IOException {
    fid.close();
    echo.close();
    registry.close();
  }

  private Pipe start(String name) throws IOException {
    Pipe pipe = fid.bind(Front.to(name, echo.address()).build());
    pipe.start();
    return pipe;
  }

  private Scrape scrape() {
    return Scrape.of(registry);
  }

  private static Set<String> samplesOf(String pipe) {
    Set<String> names = new TreeSet<>();
    names.add("fid_connections{pipe=\"%s\"}");
    names.add("fid_sessions_evicted_total{pipe=\"%s\"}");
    for (String result : Set.of("spliced", "relayed", "failed", "rejected")) {
      names.add("fid_connections_total{pipe=\"%s\",result=\"" + result + "\"}");
    }
    for (String direction : Set.of("upstream", "downstream")) {
      String labels = "direction=\"" + direction + "\",";
      names.add("fid_relayed_messages_total{" + labels + "pipe=\"%s\"}");
      names.add("fid_gate_closings_total{" + labels + "pipe=\"%s\"}");
      for (String path : Set.of("kernel", "pump", "relay")) {
        names.add("fid_bytes_total{" + labels + "path=\"" + path + "\",pipe=\"%s\"}");
      }
      for (String reason :
          Set.of(
              "no_target",
              "refused",
              "half_close",
              "overload",
              "too_long",
              "empty",
              "unreachable",
              "no_memory",
              "overflow")) {
        names.add("fid_dropped_skbs_total{" + labels + "pipe=\"%s\",reason=\"" + reason + "\"}");
      }
    }
    Set<String> ofPipe = new TreeSet<>();
    names.forEach(name -> ofPipe.add(name.formatted(pipe)));
    return ofPipe;
  }

  @Test
  void namesAndLabelsAreThese() throws Exception {
    start("web");
    fid.metrics().bindTo(registry);
    assertThat(scrape().samples().keySet()).isEqualTo(samplesOf("web"));
    assertThat(scrape().samples().values()).containsOnly(0.0);
    assertThat(scrape().types())
        .isEqualTo(
            Map.of(
                "fid_bytes_total", "counter",
                "fid_connections", "gauge",
                "fid_connections_total", "counter",
                "fid_gate_closings_total", "counter",
                "fid_relayed_messages_total", "counter",
                "fid_sessions_evicted_total", "counter",
                "fid_dropped_skbs_total", "counter"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void countsWhileConnectionsLiveAndNeverBackwards(boolean kernel) throws Exception {
    try (Fid own = Fid.open(FidOptions.defaults().withKernel(kernel))) {
      Pipe pipe = own.bind(Front.to("web", echo.address()).halfClose(HalfClose.END).build());
      pipe.start();
      own.metrics().bindTo(registry);
      Scrape last = scrape();
      for (int round = 1; round <= 20; round++) {
        try (PingPong clients = PingPong.open(Front.of(pipe), 10)) {
          clients.talk(10, 100, LONG).assertClean();
          awaitBytes(round * 10_000.0);
          last = assertNotBackwards(last);
          assertThat(last.get("fid_connections{pipe=\"web\"}")).isGreaterThanOrEqualTo(10);
        }
        last = assertNotBackwards(last);
      }
      while (last.get("fid_connections{pipe=\"web\"}") > 0) {
        last = assertNotBackwards(last);
      }
      String how = own.kernelPath() instanceof KernelPath.Available ? "spliced" : "relayed";
      assertThat(last.get("fid_connections_total{pipe=\"web\",result=\"" + how + "\"}"))
          .isEqualTo(200);
      assertThat(last.bytes("upstream")).isEqualTo(200_000);
      assertThat(last.bytes("downstream")).isEqualTo(200_000);
    }
  }

  /// A scrape may be as old as [Recent] lets it be.
  private void awaitBytes(double bytes) throws InterruptedException {
    while (scrape().bytes("upstream") < bytes || scrape().bytes("downstream") < bytes) {
      Thread.sleep(1);
    }
  }

  private Scrape assertNotBackwards(Scrape before) {
    Scrape now = scrape();
    before
        .samples()
        .forEach((sample, value) -> {
          if (!sample.startsWith("fid_connections{")) {
            assertThat(now.get(sample)).as(sample).isGreaterThanOrEqualTo(value);
          }
        });
    return now;
  }

  @Test
  void countsOnAfterAGarbageCollection() throws Exception {
    Pipe pipe = start("web");
    fid.metrics().bindTo(registry);
    System.gc();
    try (PingPong client = PingPong.open(Front.of(pipe), 1)) {
      client.talk(1, 1000, LONG).assertClean();
      awaitBytes(1000);
    }
  }

  @Test
  void countsConnectionsThatFail() throws Exception {
    SocketAddress nobody;
    try (Echo gone = Echo.listen(Addresses.tcp())) {
      nobody = gone.address();
    }
    Pipe pipe = fid.bind(Front.to("web", nobody).build());
    pipe.start();
    fid.metrics().bindTo(registry);
    assertRefused(pipe);
    awaitResult("failed");
  }

  @Test
  void countsConnectionsThatAreRejected() throws Exception {
    Pipe pipe = fid.bind(Front.to("web", echo.address()).maxConnections(1).build());
    pipe.start();
    fid.metrics().bindTo(registry);
    try (PingPong client = PingPong.open(Front.of(pipe), 1)) {
      client.talk(1, 1, LONG).assertClean();
      assertRefused(pipe);
      awaitResult("rejected");
    }
  }

  private static void assertRefused(Pipe pipe) throws IOException {
    try (SocketChannel client = SocketChannel.open(Front.of(pipe))) {
      assertThat(client.read(ByteBuffer.allocate(1))).as("EOF").isNegative();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  private void awaitResult(String result) throws InterruptedException {
    while (scrape().get("fid_connections_total{pipe=\"web\",result=\"" + result + "\"}") < 1) {
      Thread.sleep(1);
    }
  }

  @Test
  void metersLaterPipesWhenBoundAgain() throws Exception {
    start("web");
    fid.metrics().bindTo(registry);
    start("api");
    assertThat(scrape().samples().keySet()).isEqualTo(samplesOf("web"));
    fid.metrics().bindTo(registry);
    Set<String> both = samplesOf("web");
    both.addAll(samplesOf("api"));
    assertThat(scrape().samples().keySet()).isEqualTo(both);
  }

  @Test
  void sharesARegistryWithAnotherInstance() throws Exception {
    start("web");
    fid.metrics().bindTo(registry);
    try (Fid other = Fid.open(FidOptions.defaults().withKernel(false))) {
      other.bind(Front.to("api", echo.address()).build());
      other.metrics().bindTo(registry);
      Set<String> both = samplesOf("web");
      both.addAll(samplesOf("api"));
      assertThat(scrape().samples().keySet()).isEqualTo(both);
    }
  }

  @Test
  void takesTheTagsOfTheRegistry() throws Exception {
    registry.config().commonTags("zone", "a");
    start("web");
    fid.metrics().bindTo(registry);
    assertThat(scrape().samples().keySet())
        .allMatch(name -> name.contains("zone=\"a\""))
        .hasSameSizeAs(samplesOf("web"));
  }

  @Test
  void registersWithEveryRegistryOfAComposite() throws Exception {
    SimpleMeterRegistry simple = new SimpleMeterRegistry();
    CompositeMeterRegistry composite = new CompositeMeterRegistry();
    composite.add(simple).add(registry);
    Pipe pipe = start("web");
    fid.metrics().bindTo(composite);
    assertThat(scrape().samples().keySet()).isEqualTo(samplesOf("web"));
    try (PingPong client = PingPong.open(Front.of(pipe), 1)) {
      client.talk(1, 1, LONG).assertClean();
      while (simple.get("fid.connections").gauge().value() < 1 || total(simple) < 1) {
        Thread.sleep(1);
      }
      assertThat(total(simple)).isEqualTo(1);
    }
  }

  private static double total(SimpleMeterRegistry registry) {
    return registry.get("fid.connections.total").tag("pipe", "web").functionCounters().stream()
        .mapToDouble(FunctionCounter::count)
        .sum();
  }
}
