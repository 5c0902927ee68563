package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.config.HostPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class MetricsServerTest {
  private static final HostPort ANYWHERE = new HostPort("127.0.0.1", 0);

  @Test
  void servesFreshMetrics() throws IOException, InterruptedException {
    AtomicInteger scrapes = new AtomicInteger();
    try (MetricsServer server =
        MetricsServer.start(ANYWHERE, () -> "scrapes " + scrapes.incrementAndGet() + "\n")) {
      HttpResponse<String> first = send(server, "GET", "/metrics");

      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(first.body()).isEqualTo("scrapes 1\n");
      assertThat(first.headers().firstValue("Content-Type"))
          .hasValue("text/plain; version=0.0.4; charset=utf-8");
      assertThat(send(server, "GET", "/metrics").body()).isEqualTo("scrapes 2\n");
    }
  }

  @Test
  void saysThatItLives() throws IOException, InterruptedException {
    try (MetricsServer server = MetricsServer.start(ANYWHERE, () -> "")) {
      assertThat(send(server, "GET", "/healthz").body()).isEqualTo("ok\n");
      assertThat(send(server, "HEAD", "/healthz").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void refusesOtherPathsAndMethods() throws IOException, InterruptedException {
    try (MetricsServer server = MetricsServer.start(ANYWHERE, () -> "")) {
      assertThat(send(server, "GET", "/").statusCode()).isEqualTo(404);
      assertThat(send(server, "GET", "/metrics/more").statusCode()).isEqualTo(404);
      assertThat(send(server, "POST", "/metrics").statusCode()).isEqualTo(405);
    }
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // it does not start
  void namesTheAddressThatIsInUse() throws IOException {
    try (MetricsServer server = MetricsServer.start(ANYWHERE, () -> "")) {
      HostPort taken = new HostPort("127.0.0.1", server.address().getPort());

      assertThatThrownBy(() -> MetricsServer.start(taken, () -> ""))
          .isInstanceOf(IOException.class)
          .hasMessage("metrics: listen on " + taken + ": Address already in use");
    }
  }

  private static HttpResponse<String> send(MetricsServer server, String method, String path)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
      return client.send(
          HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build(),
          BodyHandlers.ofString());
    }
  }
}
