package dev.fid.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.MustBeClosed;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fid.config.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// Serves `/metrics` (Prometheus text) and `/healthz` (`ok`) over HTTP.
final class MetricsServer implements AutoCloseable {
  /// Prometheus' text format.
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

  private MetricsServer(HttpServer server) {
    this.server = server;
  }

  /// Binds and answers.
  ///
  /// @param scrape the text of `/metrics`, asked for at each request
  /// @throws IOException that names the address
  @MustBeClosed
  static MetricsServer start(HostPort address, Supplier<String> scrape) throws IOException {
    InetSocketAddress resolved = new InetSocketAddress(address.host(), address.port());
    if (resolved.isUnresolved()) {
      throw new IOException("metrics: listen on " + address + ": the host has no address");
    }
    HttpServer http;
    try {
      http = HttpServer.create(resolved, 0);
    } catch (IOException e) {
      throw new IOException("metrics: listen on " + address + ": " + e.getMessage(), e);
    }
    MetricsServer server = new MetricsServer(http);
    http.setExecutor(server.requests);
    http.createContext("/metrics", request -> answer(request, "/metrics", CONTENT_TYPE, scrape));
    http.createContext(
        "/healthz",
        request -> answer(request, "/healthz", "text/plain; charset=utf-8", () -> "ok\n"));
    http.start();
    return server;
  }

  /// With the port that was really bound.
  InetSocketAddress address() {
    return server.getAddress();
  }

  private static void answer(
      HttpExchange request, String path, String type, Supplier<String> content) throws IOException {
    try (request) {
      String method = request.getRequestMethod();
      if (!request.getRequestURI().getPath().equals(path)) {
        request.sendResponseHeaders(404, -1);
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        request.getResponseHeaders().set("Allow", "GET, HEAD");
        request.sendResponseHeaders(405, -1);
      } else {
        byte[] body = content.get().getBytes(UTF_8);
        request.getResponseHeaders().set("Content-Type", type);
        boolean bodyless = method.equals("HEAD");
        request.sendResponseHeaders(200, bodyless ? -1 : body.length);
        if (!bodyless) {
          request.getResponseBody().write(body);
        }
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    requests.shutdownNow();
  }
}
