package dev.fid.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// docs/pipe-file.md describes the keys that there are, and its examples are true.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PipeFileDocTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([a-z_]+)` \\| [^|]+\\| ([^|]+) \\|");

  private String doc = "";

  @BeforeAll
  void read() throws IOException {
    doc = Files.readString(Path.of("..", "docs", "pipe-file.md"));
  }

  @Test
  void describesEveryKeyInOrder() {
    assertThat(ROW.matcher(doc).results().map(row -> row.group(1)))
        .containsExactlyElementsOf(
            Stream.of(ConfigReader.KEYS, PipeReader.KEYS, PipeReader.UNIX_KEYS)
                .flatMap(List::stream)
                .toList());
  }

  @Test
  void givesTheDefaultsOfTheSchema() throws IOException {
    var properties = new Schema().tree().at("/$defs/pipe/properties");
    for (MatchResult row : ROW.matcher(doc).results().toList()) {
      String value = properties.path(row.group(1)).path("default").asText();
      if (!value.isEmpty()) {
        assertThat(row.group(2)).as(row.group(1)).isEqualTo("`" + value + "`");
      }
    }
  }

  @Test
  void hasExamplesThatBothTake() throws IOException {
    List<String> examples =
        BLOCK.matcher(doc).results().map(b -> b.group(1)).filter(b -> b.contains(":\n")).toList();
    assertThat(examples).hasSize(2);
    for (String example : examples) {
      assertThat(ConfigReader.parse("example", example).pipes()).hasSize(1);
      assertThat(new Schema().complaints(example)).isEmpty();
    }
  }

  @Test
  void showsEveryKeyWithItsDefaultInTheCompleteExample() throws ConfigException {
    String complete = BLOCK.matcher(doc).results().skip(1).findFirst().orElseThrow().group(1);
    String required =
        complete
            .lines()
            .filter(line -> !line.matches(" +([a-z]+_[a-z]+|backlog|bulk|ancillary): .*"))
            .collect(Collectors.joining("\n"));
    assertThat(ConfigReader.parse("a", required).pipes())
        .isEqualTo(ConfigReader.parse("a", complete).pipes());
    assertThat(PipeReader.KEYS).allMatch(key -> complete.contains(key + ": "));
  }
}
