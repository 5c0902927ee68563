package dev.fid.samples.statsd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

final class MainTest {
  @Test
  void everyCountArrives() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      Main.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(UTF_8).lines())
        .anyMatch(line -> line.startsWith("udp://127.0.0.1:") && line.contains(" -> "))
        .contains("{hits=200, misses=100}", "dropped: 0");
  }
}
