package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LineFormatterTest {
  private static final String TIME = "2026-01-02T03:04:05.678Z ";

  @Test
  void oneLineWithTimeLevelAndMessage() {
    assertThat(line(Level.INFO, "web: accepts", null)).isEqualTo(TIME + "INFO  web: accepts\n");
    assertThat(line(Level.SEVERE, "no", null)).isEqualTo(TIME + "ERROR no\n");
    assertThat(line(Level.WARNING, "hm", null)).isEqualTo(TIME + "WARN  hm\n");
    assertThat(line(Level.FINE, "so", null)).isEqualTo(TIME + "DEBUG so\n");
    assertThat(line(Level.FINEST, "on", null)).isEqualTo(TIME + "TRACE on\n");
  }

  @Test
  void anExpectedFailureIsItsMessage() {
    assertThat(line(Level.WARNING, "web: connect", new IOException("refused")))
        .isEqualTo(TIME + "WARN  web: connect: refused\n");
    assertThat(line(Level.WARNING, "web: refused", new IOException("refused")))
        .isEqualTo(TIME + "WARN  web: refused\n");
  }

  @Test
  void aMistakeOfOursHasItsStackTrace() {
    assertThat(line(Level.SEVERE, "web", new IllegalStateException("oops")))
        .startsWith(TIME + "ERROR web\njava.lang.IllegalStateException: oops\n")
        .contains("\tat dev.fid.cli.LineFormatterTest");
  }

  @Test
  void aMessageStartsNoLineOfItsOwn() {
    assertThat(line(Level.INFO, "one\r\n2026 INFO forged\n", new IOException("a\nb")))
        .isEqualTo(TIME + "INFO  one; 2026 INFO forged: a; b\n");
  }

  private static String line(Level level, String message, @Nullable Throwable thrown) {
    LogRecord event = new LogRecord(level, message);
    event.setInstant(Instant.parse("2026-01-02T03:04:05.678912Z"));
    event.setThrown(thrown);
    return new LineFormatter().format(event);
  }
}
