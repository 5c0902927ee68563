package dev.fid.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class LogOutputTest {
  private static final Logger OURS = LoggerFactory.getLogger("dev.fid.pipe.Pipe");
  private static final Logger LIBRARY = LoggerFactory.getLogger("io.netty.channel");

  @Test
  void writesWhatTheLevelAsksFor() {
    assertThat(linesAt(LogLevel.info, LogOutputTest::everyLevel))
        .containsExactly("ERROR e", "WARN  w", "INFO  i");
    assertThat(linesAt(LogLevel.error, LogOutputTest::everyLevel)).containsExactly("ERROR e");
  }

  @Test
  void librariesAreSilentBelowInfo() {
    assertThat(linesAt(LogLevel.debug, LogOutputTest::everyLevel))
        .containsExactly("ERROR e", "WARN  w", "INFO  i", "DEBUG d")
        .isEqualTo(
            linesAt(
                LogLevel.debug,
                log -> {
                  everyLevel(log);
                  LIBRARY.debug("chatter");
                }));
    assertThat(linesAt(LogLevel.trace, _ -> LIBRARY.debug("chatter")))
        .containsExactly("DEBUG chatter");
  }

  @Test
  void equalWarningsAreSummedUpAtTheLatestAtTheEnd() {
    assertThat(
            linesAt(
                LogLevel.info,
                log -> {
                  for (int i = 0; i < 1000; i++) {
                    log.warn("web: connect {}: refused", "tcp://127.0.0.1:1");
                  }
                  log.info("a line");
                  log.info("a line");
                }))
        .containsExactly(
            "WARN  web: connect tcp://127.0.0.1:1: refused",
            "INFO  a line",
            "INFO  a line",
            "WARN  web: connect tcp://127.0.0.1:1: refused (999 times more)");
  }

  private static void everyLevel(Logger log) {
    log.error("e");
    log.warn("w");
    log.info("i");
    log.debug("d");
    log.trace("t");
  }

  private static List<String> linesAt(LogLevel level, Consumer<Logger> events) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (LogOutput _ = LogOutput.open(level.level(), new PrintStream(bytes, true, UTF_8))) {
      events.accept(OURS);
    }
    OURS.error("after the end");
    return bytes
        .toString(UTF_8)
        .lines()
        .map(line -> line.substring("2026-01-02T03:04:05.678Z ".length()))
        .filter(line -> !line.startsWith("TRACE"))
        .toList();
  }
}
