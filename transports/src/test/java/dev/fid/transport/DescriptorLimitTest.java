package dev.fid.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Uses a process of its own, since the limit of open files holds for all of one.
class DescriptorLimitTest {
  private static final int CLIENTS = 40;

  @Test
  void anAcceptLoopOutOfDescriptorsWaitsSaysSoOnceAndGoesOn() throws Exception {
    Process process = start();
    List<Socket> clients = new ArrayList<>();
    try (BufferedReader out = process.inputReader();
        BufferedReader err = process.errorReader();
        Writer in = process.outputWriter()) {
      List<String> log = new ArrayList<>();
      int port = Integer.parseInt(out.readLine());
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
      }
      readUntil(err, log, "EMFILE");

      tell(in);
      assertThat(out.readLine()).isEqualTo("accepted all");
      readUntil(err, log, "tcp://127.0.0.1:" + port + ": goes on again");

      tell(in);
      err.lines().forEach(log::add);
      assertThat(process.waitFor()).isZero();
      assertThat(log).filteredOn(line -> line.contains("EMFILE")).hasSize(1);
      assertThat(log)
          .filteredOn(line -> line.contains("tcp://127.0.0.1:" + port + ": goes on again"))
          .hasSize(1);
    } finally {
      for (Socket client : clients) {
        client.close();
      }
      process.destroyForcibly().waitFor();
    }
  }

  private static Process start() throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            Stream.of(
                    List.of("prlimit", "--nofile=256", java),
                    List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-cp"),
                    List.of(System.getProperty("java.class.path"), Exhausted.class.getName()),
                    List.of(String.valueOf(CLIENTS)))
                .flatMap(List::stream)
                .toList())
        .start();
  }

  private static void readUntil(BufferedReader err, List<String> log, String text)
      throws IOException {
    for (String line = err.readLine(); line != null; line = err.readLine()) {
      log.add(line);
      if (line.contains(text)) {
        return;
      }
    }
    throw new AssertionError("never said '" + text + "' but " + log);
  }

  private static void tell(Writer in) throws IOException {
    in.write('\n');
    in.flush();
  }
}
