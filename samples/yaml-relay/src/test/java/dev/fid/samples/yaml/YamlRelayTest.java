package dev.fid.samples.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the script with this build's classes; in a network namespace of its own where that is
/// permitted, since its ports are fixed.
final class YamlRelayTest {
  @TempDir Path folder;

  @Test
  void fetchesThroughBothPipes() throws IOException, InterruptedException {
    List<String> lines = run();

    assertThat(lines)
        .contains("ready", "== by the port", "== by the UNIX socket", "fid ended with 0")
        .anyMatch(line -> line.startsWith("port: tcp://127.0.0.1:18080 -> unix://@fid-sample"))
        .anyMatch(line -> line.startsWith("socket: unix://@fid-sample -> tcp://127.0.0.1:18081"));
    assertThat(lines.stream().filter(line -> line.equals("Hello from behind the pipe.")))
        .hasSize(4);
    boolean kernel =
        lines.stream().anyMatch(line -> line.startsWith("port: ") && line.endsWith("in kernel"));
    String path =
        "{direction=\"upstream\",path=\"%s\",pipe=\"port\"}".formatted(kernel ? "kernel" : "relay");
    assertThat(lines)
        .anyMatch(line -> line.startsWith("fid_bytes_total" + path))
        .anyMatch(line -> line.startsWith("fid_bytes_total{") && line.contains("pipe=\"socket\""));
  }

  private List<String> run() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (new ProcessBuilder("unshare", "--net", "true").start().waitFor() == 0) {
      command.addAll(List.of("unshare", "--net", "sh", "-c", "ip link set lo up && exec ./run"));
    } else {
      command.add("./run");
    }
    Path log = folder.resolve("output");
    ProcessBuilder script =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    script.environment().put("FID", fid().toString());
    script.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = script.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ends by itself").isTrue();
      List<String> lines = Files.readAllLines(log);
      assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
      return lines;
    } finally {
      process.destroy();
    }
  }

  /// In place of the launcher, which would build.
  private Path fid() throws IOException {
    Path script = folder.resolve("fid");
    Files.writeString(
        script,
        """
        #!/bin/sh
        exec '%s/bin/java' -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
          --sun-misc-unsafe-memory-access=allow -cp '%s' dev.fid.cli.Main "$@"
        """
            .formatted(System.getProperty("java.home"), System.getProperty("java.class.path")));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script;
  }
}
