package dev.fid.samples.junixsocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

final class MainTest {
  @Test
  void theDoormanLetsTheClientThrough() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      Main.main(new String[0]);
      // The doorman may speak after its client.
      while (!printed.toString(UTF_8).contains("downstream")) {
        Thread.sleep(5);
      }
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(UTF_8).lines())
        .anyMatch(line -> line.matches("user \\d+ asks for shout: tcp://127.0.0.1:\\d+"))
        .contains("HELLO FROM A UNIX SOCKET", "upstream 24 bytes, downstream 24 bytes");
  }
}
