package dev.fid.cli;

import static java.util.concurrent.TimeUnit.SECONDS;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.PrintStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Where logs go: one stream, one line an event; equal warnings and errors once, then their number
/// every ten seconds. Libraries' own logs below INFO are left out, except at TRACE.
final class LogOutput extends Handler implements AutoCloseable {
  private static final int PERIOD_SECONDS = 10;

  private final PrintStream out;
  private final Logger root = Logger.getLogger("");
  private final Repeats repeats = new Repeats();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("logs").factory());

  private LogOutput(Level level, PrintStream out) {
    this.out = out;
    setLevel(level);
    setFormatter(new LineFormatter());
  }

  /// Takes over all logging of this JVM until closed.
  @MustBeClosed
  static LogOutput open(Level level, PrintStream out) {
    LogManager.getLogManager().reset();
    LogOutput output = new LogOutput(level, out);
    output.root.setLevel(level);
    output.root.addHandler(output);
    var _ =
        output.timer.scheduleAtFixedRate(
            output::endPeriod, PERIOD_SECONDS, PERIOD_SECONDS, SECONDS);
    return output;
  }

  @Override
  public boolean isLoggable(LogRecord event) {
    String logger = String.valueOf(event.getLoggerName());
    boolean ours = logger.startsWith("dev.fid") || getLevel().equals(LogLevel.trace.level());
    return super.isLoggable(event)
        && (ours || event.getLevel().intValue() >= Level.INFO.intValue());
  }

  @Override
  public void publish(LogRecord event) {
    if (!isLoggable(event)) {
      return;
    }
    if (event.getLevel().intValue() >= Level.WARNING.intValue()
        && !repeats.first(String.valueOf(event.getMessage()))) {
      return;
    }
    out.print(getFormatter().format(event));
  }

  private void endPeriod() {
    for (Repeats.Count count : repeats.endPeriod()) {
      String line = "%s (%d times more)".formatted(count.message(), count.times());
      out.print(getFormatter().format(new LogRecord(Level.WARNING, line)));
    }
  }

  @Override
  public void flush() {
    out.flush();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    root.removeHandler(this);
    endPeriod();
    flush();
  }
}
