package dev.fid.samples.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EmbeddedTest {
  @Test
  void thePlainApiGreetsAndCounts() throws Exception {
    List<String> lines = printedBy(() -> PlainApi.main(new String[0]));

    assertThat(lines.get(0)).startsWith("kernel path: ");
    assertThat(lines.get(1)).startsWith("greetings runs ");
    assertThat(lines)
        .endsWith(
            "Hello, plain API!", "connections: 1, live: 0", "bytes upstream: 10, downstream: 18");
  }

  @Test
  void guiceGreetsThroughEachModulesPipe() throws Exception {
    assertThat(printedBy(() -> WithGuice.main(new String[0])))
        .containsExactly("shop: Hello, Guice!", "blog: Hello, Guice!");
  }

  private interface Sample {
    void run() throws Exception;
  }

  private static List<String> printedBy(Sample sample) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      sample.run();
    } finally {
      System.setOut(before);
    }
    return printed.toString(UTF_8).lines().toList();
  }
}
