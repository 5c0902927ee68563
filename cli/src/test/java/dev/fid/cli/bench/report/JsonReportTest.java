package dev.fid.cli.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

final class JsonReportTest {
  private final JsonNode json;

  JsonReportTest() throws Exception {
    json = new ObjectMapper().readTree(JsonReport.of(Reports.sample()));
  }

  @Test
  void hasEveryRoundAndWhatTheySumUpTo() {
    JsonNode other = json.at("/cells/1");
    assertThat(other.at("/relay").asText()).isEqualTo("other");
    assertThat(other.at("/pair").asText()).isEqualTo("tcp-tcp");
    assertThat(other.at("/control").asText()).isEqualTo("cubic");
    assertThat(other.at("/rounds")).hasSize(3);
    assertThat(other.at("/rounds/2/figures/THROUGHPUT").asDouble()).isEqualTo(1.5);
    assertThat(other.at("/figures/THROUGHPUT/median").asDouble()).isEqualTo(1);
    assertThat(other.at("/figures/THROUGHPUT/ofFid").asDouble()).isEqualTo(0.5);
  }

  @Test
  void saysWhatFailed() {
    assertThat(json.at("/cells/3/rounds/1/failure").asText()).isEqualTo(Reports.FAILURE);
    assertThat(json.at("/cells/3/rounds/0/failure").isNull()).isTrue();
    assertThat(Reports.sample().hasFailures()).isTrue();
  }

  @Test
  void saysWhatItTakesToDoItAgain() {
    assertThat(json.at("/command").asText()).isEqualTo("fid bench --pairs tcp-tcp");
    assertThat(json.at("/machine/kernel").asText()).isEqualTo("Linux 6.18");
    assertThat(json.at("/relays/0/command").asText()).isEqualTo("fid run\na & b");
    assertThat(json.at("/metrics/0/unit").asText()).isEqualTo("round trips/s");
    assertThat(json.at("/metrics/0/moreIsBetter").asBoolean()).isTrue();
  }
}
