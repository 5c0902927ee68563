package dev.fid.cli;

import dev.fid.config.ConfigReader;
import dev.fid.config.FidFile;
import dev.fid.config.TimeSpan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/// `fid run`: runs the pipes of pipe files until it is told to stop.
@Command(
    name = "run",
    description = {
      "Runs the pipes of pipe files until SIGTERM or SIGINT.",
      "Then it stops accepting, lets connections end for the grace period, closes the others, and ends with 0;"
          + " a second signal ends it at once."
    })
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "A pipe file (YAML).")
  private List<Path> files = List.of();

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      defaultValue = "10s",
      converter = Grace.class,
      description = "How long connections may go on after the signal (default: ${DEFAULT-VALUE}).")
  private Duration grace = Duration.ofSeconds(10);

  @Option(
      names = "--relay",
      description = "Moves every byte in user space, to compare with the kernel or to rule it out.")
  private boolean relay;

  private final PrintWriter out;

  RunCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    FidFile file = ConfigReader.read(files);
    StopSignal stop = StopSignal.install();
    SystemdNotify systemd = SystemdNotify.fromEnvironment();
    try (RunningPipes pipes = RunningPipes.bind(file, !relay)) {
      pipes.describe().forEach(out::println);
      pipes.start();
      out.println("ready");
      out.flush();
      tell(systemd::ready);
      stop.await();
      LOG.info("stopping: connections have {} to end", TimeSpan.format(grace));
      tell(systemd::stopping);
      pipes.drain(grace);
    }
    LOG.info("stopped");
    return 0;
  }

  /// Pipes run whether systemd hears of it or not.
  private static void tell(Notification notification) {
    try {
      notification.send();
    } catch (IOException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  private interface Notification {
    void send() throws IOException;
  }

  /// Durations as the pipe file writes them.
  static final class Grace implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        return TimeSpan.parse(text, Duration.ZERO, Duration.ofHours(24));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
