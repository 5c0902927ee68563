package dev.fid.cli;

import dev.fid.config.ConfigReader;
import dev.fid.config.FidFile;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `fid train`: does once what `fid run` does until its first connections are over. `./fid` runs it
/// after a build, to write the cache of loaded classes that makes later starts quick.
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration GRACE = Duration.ofSeconds(1);

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path pipes = Files.createTempFile("fid-train-", ".yaml");
    try (EchoBackend backend = EchoBackend.start()) {
      Files.writeString(pipes, pipes(backend));
      FidFile file = ConfigReader.read(List.of(pipes));
      try (RunningPipes running = RunningPipes.bind(file, true)) {
        running.describe();
        running.start();
        for (Pipe pipe : running.bound()) {
          if (pipe.listenAddress() instanceof Address.Tcp tcp) {
            new DemoTraffic(tcp, SHORT).roundTrips(2, Long.BYTES);
          }
        }
        running.drain(GRACE);
      }
    } finally {
      Files.delete(pipes);
    }
    return 0;
  }

  private static String pipes(EchoBackend backend) throws IOException {
    return """
    metrics: 127.0.0.1:0
    pipes:
      - name: tcp
        listen: tcp://127.0.0.1:0
        connect: %s
      - name: unix
        listen: tcp://127.0.0.1:0
        connect: %s
        half_close: end
      - name: udp
        listen: udp://127.0.0.1:0
        connect: udp://127.0.0.1:9
    """
        .formatted(backend.tcp(), backend.unix());
  }
}
