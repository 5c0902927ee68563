package dev.fid.cli.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.cli.bench.workload.Kind;
import dev.fid.cli.bench.workload.Order;
import dev.fid.cli.bench.workload.Outcome;
import dev.fid.cli.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@RequiresBpf
final class NetworkNamespaceTest {
  private static final String BACK = "tcp://127.0.0.1:900";
  private static final Workload ANSWER = new Workload("answer", "", Kind.START, 1, 64);

  private static Outcome answer(NetworkNamespace namespace) throws IOException {
    return namespace.run(new Order(ANSWER, BACK, BACK, 0, 5000, 0, 0, System.nanoTime()));
  }

  private static String run(NetworkNamespace namespace, String... command) throws IOException {
    Process process =
        new ProcessBuilder(namespace.entering(List.of(command))).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  /// Both have a back end at the same port.
  @Test
  void isOneOfItsOwn() throws Exception {
    try (NetworkNamespace one = NetworkNamespace.create("");
        NetworkNamespace other = NetworkNamespace.create("")) {
      assertThat(answer(one).failure()).isNull();
      assertThat(answer(other).failure()).isNull();
      assertThat(run(one, "ss", "-tlnH")).contains("127.0.0.1:900");
    }
  }

  @Test
  void whoEntersAtOnceIsInIt() throws Exception {
    String outside = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    for (int i = 0; i < 10; i++) {
      try (NetworkNamespace namespace = NetworkNamespace.create("")) {
        assertThat(run(namespace, "readlink", "/proc/self/ns/net"))
            .startsWith("net:")
            .doesNotContain(outside);
        assertThat(run(namespace, "ip", "-brief", "link", "show", "lo")).contains("LOWER_UP");
      }
    }
  }

  @Test
  void itsConnectionsHaveTheCongestionControlThatWasAskedFor() throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.create("reno")) {
      assertThat(answer(namespace).failure()).isNull();
      assertThat(run(namespace, "ip", "route", "show", "table", "local")).contains("congctl reno");
    }
  }

  @Test
  void goesWithItsLoadGenerator() throws Exception {
    NetworkNamespace closed;
    try (NetworkNamespace namespace = NetworkNamespace.create("")) {
      assertThat(answer(namespace).failure()).isNull();
      closed = namespace;
    }
    assertThat(closed.isAlive()).isFalse();
    assertThat(run(closed, "true")).contains("nsenter: cannot open");
  }
}
