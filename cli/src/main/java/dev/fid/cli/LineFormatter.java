package dev.fid.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/// Writes one line an event: `2026-01-02T03:04:05.678Z INFO web: accepts on tcp://127.0.0.1:8080`.
///
/// An [IOException] is an expected failure and adds its message; anything else is a mistake of ours
/// and adds its stack trace.
final class LineFormatter extends Formatter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  @Override
  public String format(LogRecord event) {
    StringBuilder line = new StringBuilder(160);
    TIME.formatTo(event.getInstant(), line);
    String level = LogLevel.of(event.getLevel()).name().toUpperCase(Locale.ROOT);
    line.append(' ').append(level).repeat(' ', 6 - level.length());
    String message = formatMessage(event);
    line.append(oneLine(message));
    Throwable thrown = event.getThrown();
    if (thrown instanceof IOException) {
      String reason = String.valueOf(thrown.getMessage());
      if (!message.contains(reason)) {
        line.append(": ").append(oneLine(reason));
      }
      return line.append('\n').toString();
    }
    line.append('\n');
    if (thrown != null) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace, true));
      line.append(trace);
    }
    return line.toString();
  }

  /// What a peer or a file puts into a message starts no line of its own.
  private static String oneLine(String text) {
    return text.stripTrailing().replace("\r", "").replace("\n", "; ");
  }
}
