package dev.fid.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.Range;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The schema and the parser say the same, but for `parser-only`: what no schema can say (a key or
/// a name given twice, one address taken twice, a range of numbers with units, how a number is
/// spelt, the finer rules of IPv6, the bytes of a path).
class SchemaTest {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1",
          "4097",
          "65536",
          "1.5",
          "[]",
          "[1]",
          "{}",
          "{mode: 1}",
          "{mode: '0600'}",
          "{mode: '0800'}",
          "{owner: a}",
          "{owner: 0}",
          "{group: ''}",
          "{mod: '0600'}",
          "''",
          "x",
          "'99999'",
          "keep",
          "end",
          "Keep",
          "relay",
          "refuse",
          "none",
          "len16",
          "len32",
          "discard",
          "1KiBs",
          "1MiB",
          "1 MiB",
          "1MB",
          "0s",
          "0ms",
          "00m",
          "1s",
          "1ms",
          "1.5s",
          "s",
          "1d",
          "'tcp://h:1'",
          "'tcp://h:0'",
          "'tcp://h:01'",
          "'tcp://h:65535'",
          "'tcp://h:65536'",
          "'tcp://h'",
          "'tcp://:1'",
          "'tcp://*:1'",
          "'tcp://-h:1'",
          "'tcp://h_-1.x:1'",
          "'tcp://1.2.3:1'",
          "'tcp://1.2.3.4:1'",
          "'tcp://01.2.3.4:1'",
          "'tcp://1.2.3.256:1'",
          "'tcp://[::]:1'",
          "'tcp://::1:1'",
          "'tcp://[h]:1'",
          "'tcp://h:1/'",
          "'TCP://h:1'",
          "'udp://h:1'",
          "'vsock://1:1'",
          "'vsock://0:1'",
          "'vsock://03:1'",
          "'vsock://3:0'",
          "'vsock://3:01'",
          "'vsock://any:1'",
          "'vsock://host:4294967294'",
          "'vsock://local:4294967295'",
          "'vsock://4294967294:1'",
          "'vsock://4294967295:1'",
          "'vsock://9999999999:1'",
          "'vsock://3'",
          "'vsock://3:1/'",
          "'vsock://guest:1'",
          "'unix+dgram:///x'",
          "'unix+seqpacket:///x'",
          "'unix+seqpacket://@x'",
          "'vsock+seqpacket://3:1'",
          "'unix:///x'",
          "'unix:///x/'",
          "'unix:///'",
          "'unix://x'",
          "'unix://@'",
          "'unix://@x'",
          "'unix:/x'",
          "'h:1'",
          "'h:0'",
          "'[::1]:1'",
          "'::1:1'",
          "':1'",
          "'h:'");

  private static final Schema SCHEMA = new Schema();

  static Stream<Corpus.Sample> good() {
    return Corpus.folder("good").stream();
  }

  static Stream<Corpus.Sample> bad() {
    return Corpus.folder("bad").stream();
  }

  static Stream<Corpus.Sample> parserOnly() {
    return Corpus.folder("parser-only").stream();
  }

  @ParameterizedTest
  @MethodSource("good")
  void bothTakeGoodFiles(Corpus.Sample sample) throws IOException {
    assertThatCode(() -> ConfigReader.parse(sample.file(), sample.yaml()))
        .doesNotThrowAnyException();
    assertThat(SCHEMA.complaints(sample.yaml())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("bad")
  void bothRefuseBadFiles(Corpus.Sample sample) throws IOException {
    assertThat(parses(sample.yaml())).isFalse();
    assertThat(SCHEMA.complaints(sample.yaml())).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("parserOnly")
  void onlyTheParserRefusesWhatNoSchemaCanSay(Corpus.Sample sample) throws IOException {
    assertThat(parses(sample.yaml())).isFalse();
    assertThat(SCHEMA.complaints(sample.yaml())).isEmpty();
  }

  @Test
  void bothAgreeOnEveryValueOfEveryKey() throws IOException {
    List<String> disagreements = new ArrayList<>();
    int good = 0;
    for (String key : PipeReader.KEYS) {
      for (String listen :
          List.of(
              "tcp://127.0.0.1:7",
              "unix:///run/fid.sock",
              "udp://127.0.0.1:7",
              "unix+dgram:///d",
              "unix+seqpacket:///s")) {
        for (String value : VALUES) {
          String yaml = pipeWith(key, value, listen);
          boolean parses = parses(yaml);
          good += parses ? 1 : 0;
          if (parses != SCHEMA.complaints(yaml).isEmpty()) {
            disagreements.add((parses ? "only the schema refuses " : "the schema takes ") + yaml);
          }
        }
      }
    }
    assertThat(disagreements).isEmpty();
    assertThat(good).isGreaterThan(100);
  }

  @Test
  void bothAgreeOnEveryValueOfMetrics() throws IOException {
    for (String value : VALUES) {
      String yaml = "metrics: " + value + "\n" + pipeWith("name", "web", "tcp://127.0.0.1:7");
      assertThat(SCHEMA.complaints(yaml).isEmpty()).as(yaml).isEqualTo(parses(yaml));
    }
  }

  @Test
  void knowsTheSameKeys() throws IOException {
    assertThat(keys(SCHEMA.tree())).containsExactlyElementsOf(ConfigReader.KEYS);
    assertThat(keys(pipe())).containsExactlyElementsOf(PipeReader.KEYS);
    assertThat(keys(pipe().at("/properties/unix"))).containsExactlyElementsOf(PipeReader.UNIX_KEYS);
  }

  @Test
  void describesEveryKey() throws IOException {
    for (JsonNode object : List.of(SCHEMA.tree(), pipe(), pipe().at("/properties/unix"))) {
      for (JsonNode property : object.get("properties")) {
        assertThat(property.path("description").asText()).as(property.toString()).endsWith(".");
      }
    }
  }

  @Test
  void hasTheSameDefaults() throws IOException {
    StringBuilder spelt = new StringBuilder();
    for (String key : PipeReader.KEYS.subList(4, PipeReader.KEYS.size() - 1)) {
      JsonNode value = pipe().at("/properties/" + key + "/default");
      assertThat(value.isMissingNode()).as(key).isFalse();
      spelt.append("    ").append(key).append(": ").append(value).append('\n');
    }
    String yaml = "pipes:\n  - name: a\n    listen: tcp://h:1\n    connect: unix:///x\n";
    assertThat(ConfigReader.parse("spelt", yaml + spelt))
        .isEqualTo(ConfigReader.parse("default", yaml));
  }

  @Test
  void hasTheSameRanges() throws IOException {
    assertThat(range("backlog")).isEqualTo(PipeSpec.BACKLOG);
    assertThat(range("send_buffer")).isEqualTo(PipeSpec.SEND_BUFFER);
    assertThat(range("max_connections")).isEqualTo(PipeSpec.MAX_CONNECTIONS);
    assertThat(range("listen_backlog")).isEqualTo(PipeSpec.LISTEN_BACKLOG);
  }

  /// A pipe that is good but for the key, perhaps.
  private static String pipeWith(String key, String value, String listen) {
    StringBuilder yaml = new StringBuilder("pipes: [{");
    List.of("name", "listen", "connect").stream()
        .filter(required -> !required.equals(key))
        .forEach(required ->
            yaml.append(required)
                .append(": '")
                .append(
                    switch (required) {
                      case "listen" -> listen;
                      case "connect" -> "unix:///run/target";
                      default -> "web";
                    })
                .append("', "));
    return yaml.append(key).append(": ").append(value).append("}]").toString();
  }

  private static boolean parses(String yaml) {
    try {
      ConfigReader.parse("a", yaml);
      return true;
    } catch (ConfigException e) {
      return false;
    }
  }

  private static JsonNode pipe() throws IOException {
    return SCHEMA.tree().at("/$defs/pipe");
  }

  private static Range range(String key) throws IOException {
    JsonNode property = pipe().at("/properties/" + key);
    return new Range(property.get("minimum").longValue(), property.get("maximum").longValue());
  }

  private static List<String> keys(JsonNode object) {
    List<String> keys = new ArrayList<>();
    object.get("properties").fieldNames().forEachRemaining(keys::add);
    return keys;
  }
}
