package dev.fid.cli;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.Pipes;
import dev.fid.config.FidFile;
import dev.fid.config.HostPort;
import dev.fid.pipe.Pipe;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The pipes of a file and their metrics: all bound, or none.
final class RunningPipes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningPipes.class);

  private final Fid fid;
  private final Pipes pipes;
  private @Nullable MetricsServer metrics;

  private RunningPipes(Fid fid, FidFile file) {
    this.fid = fid;
    this.pipes = new Pipes(fid, file.pipes());
  }

  /// Binds every listener; nothing is accepted until [#start()].
  ///
  /// @param kernel false: every byte is moved in user space
  /// @throws IOException that names the pipe, or the metrics' address
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // Fid is closed with the pipes
  static RunningPipes bind(FidFile file, boolean kernel) throws IOException {
    RunningPipes running =
        new RunningPipes(Fid.open(FidOptions.defaults().withKernel(kernel)), file);
    try {
      running.pipes.bind();
      if (file.metrics().isPresent()) {
        running.serveMetrics(file.metrics().get());
      }
      return running;
    } catch (IOException | RuntimeException | Error e) {
      running.close();
      throw e;
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // closed with this
  private void serveMetrics(HostPort address) throws IOException {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    fid.metrics().bindTo(registry);
    MetricsServer server =
        MetricsServer.start(address, () -> registry.scrape(MetricsServer.CONTENT_TYPE));
    metrics = server;
    HostPort bound = new HostPort(address.host(), server.address().getPort());
    LOG.info("metrics: http://{}/metrics", bound);
  }

  /// One line a pipe: `web: tcp://127.0.0.1:8080 -> unix:///run/app.sock, in kernel`.
  List<String> describe() {
    return pipes.bound().stream()
        .map(pipe ->
            "%s: %s -> %s, %s"
                .formatted(
                    pipe.spec().name(),
                    pipe.listenAddress(),
                    pipe.spec().connect(),
                    pipe.describe()))
        .toList();
  }

  List<Pipe> bound() {
    return pipes.bound();
  }

  /// Accepts on every pipe.
  void start() throws IOException {
    pipes.start();
  }

  /// Stops accepting on every pipe; returns when no connection is left, at the latest a little
  /// after the grace period.
  void drain(Duration grace) {
    pipes.stop(grace).toCompletableFuture().join();
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
    fid.close();
  }
}
