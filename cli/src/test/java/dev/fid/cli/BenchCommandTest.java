package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.cli.bench.workload.Pair;
import dev.fid.cli.bench.workload.Workload;
import dev.fid.cli.bench.workload.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BenchCommandTest {
  /// All of them, of Fid and of no relay; the page and the JSON are those of the same run.
  @Test
  @RequiresBpf
  void measuresEveryWorkload(@TempDir Path folder) throws Exception {
    Path page = folder.resolve("bench.html");
    List<String> before = leftovers();
    Cli cli =
        Cli.run(
            "bench",
            "--rounds",
            "1",
            "--duration",
            "200ms",
            "--relays",
            "fid,none",
            "--pairs",
            "tcp-tcp",
            "--congestion",
            "reno",
            "--json",
            "--html",
            page.toString());

    assertThat(cli.err()).contains("tcp-tcp, reno: round trips of 64 B, 1 connection (0 %)");
    JsonNode report = new ObjectMapper().readTree(cli.out());
    Set<String> measured = new TreeSet<>();
    for (JsonNode cell : report.get("cells")) {
      assertThat(cell.at("/rounds/0/failure").isNull()).as(cell.toString()).isTrue();
      assertThat(cell.get("figures").size()).as(cell.toString()).isPositive();
      measured.add(cell.get("workload").asText() + " " + cell.get("relay").asText());
    }
    List<Workload> sensible =
        Workloads.all().stream()
            .filter(workload -> workload.refusal(Pair.TCP_TCP).isEmpty())
            .toList();
    assertThat(measured).hasSize(2 * sensible.size());
    assertThat(sensible)
        .extracting(Workload::id)
        .allMatch(id -> measured.contains(id + " fid") && measured.contains(id + " none"));
    assertThat(Files.readString(page)).startsWith("<!DOCTYPE html>").contains("<svg");
    assertThat(cli.exit()).isZero();
    assertThat(leftovers()).isEqualTo(before);
  }

  @Test
  @RequiresBpf
  void measuresBetweenFamiliesAsAnOpenLoop() {
    Cli cli =
        Cli.run(
            "bench",
            "--rounds",
            "2",
            "--duration",
            "100ms",
            "--relays",
            "fid-keep,fid-relay",
            "--pairs",
            "tcp-unix,unix-unix",
            "--workloads",
            "rr-1k-16,bulk-1",
            "--rate",
            "500",
            "--congestion",
            "reno");

    assertThat(cli.exit()).as(cli.out() + cli.err()).isZero();
    assertThat(cli.out())
        .contains("== tcp-unix, reno", "== unix-unix\n", "open, 500 requests a second loop")
        .containsPattern("(?m)^  fid-keep +[1-9]")
        .containsPattern("(?m)^  fid-relay +[1-9]");
  }

  @Test
  @RequiresBpf
  void measuresDatagrams() {
    Cli cli =
        Cli.run(
            "bench",
            "--rounds=1",
            "--duration=200ms",
            "--relays=fid,fid-relay,none",
            "--pairs=udp-udp");

    assertThat(cli.exit()).as(cli.out() + cli.err()).isZero();
    assertThat(cli.out())
        .contains("== udp-udp\n", "udp-udp without churn, send-close: datagrams have no connection")
        .containsPattern("(?m)^oneway-64-20k +datagrams/s .* lost %")
        .containsPattern("(?m)^  fid +[1-9]")
        .containsPattern("(?m)^  fid-relay +[1-9]");
  }

  @Test
  void namesWhatThereIs() {
    Cli cli = Cli.run("bench", "--list");

    assertThat(cli.exit()).isZero();
    assertThat(cli.out())
        .contains("rr-64-1 ", "idle-5000 ", "send-close ", "haproxy ", "systemd-socket-proxyd");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --pairs=tcp-tpc            | --pairs: there is no tcp-tpc; there are tcp-tcp, tcp-unix, unix-tcp, unix-unix, udp-udp
          --workloads=rr-64-2        | --workloads: there is no rr-64-2; there are rr-64-1, rr-64-16
          --relays=fid,envoy         | --relays: there is no envoy; there are fid, fid-bulk, fid-keep
          --relays=netty             | --relays: netty: no bench/target/fid-bench.jar: in Fid's sources, run mvn
          --congestion=vegas-x       | --congestion: there is no vegas-x; there are
          --rounds=0                 | --rounds must be at least 1
          --rate=-1                  | --rate at least 0
          --duration=fast            | Invalid value for option '--duration'
          """)
  void saysWhatIsWrongWithAnOption(String option, String message) {
    Cli cli = Cli.run("bench", option);

    assertThat(cli.exit()).isEqualTo(2);
    assertThat(cli.err()).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --workloads=bulk-1        | --workloads: bulk-1 is not for udp-udp: nothing holds back who sends
          --workloads=churn,rr-64-1 | --workloads: churn is not for udp-udp: datagrams have no connection
          --workloads=rr-16k-1      | --workloads: rr-16k-1 is not for udp-udp: datagrams that are longer
          --relays=haproxy          | --relays: haproxy is not
          """)
  void saysWhatMakesNoSenseForDatagrams(String option, String message) {
    Cli cli = Cli.run("bench", "--pairs=udp-udp", option);

    assertThat(cli.exit()).isEqualTo(2);
    assertThat(cli.err()).contains(message);
  }

  @Test
  void saysThatItNeedsRoot() throws Exception {
    try (FidProcess fid = FidProcess.startWithoutCapabilities("bench", "--quick")) {
      assertThat(fid.exit()).isEqualTo(1);
      assertThat(fid.errors()).anyMatch(line -> line.contains("need root"));
    }
  }

  private static List<String> leftovers() throws IOException {
    try (var files = Files.list(Path.of("/tmp"))) {
      return files
          .map(Path::toString)
          .filter(name -> name.startsWith("/tmp/fid-bench-"))
          .sorted()
          .toList();
    }
  }
}
