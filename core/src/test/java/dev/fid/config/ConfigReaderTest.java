package dev.fid.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fid.pipe.Address;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.UnixFile;
import dev.fid.splice.Ancillary;
import dev.fid.splice.Bulk;
import dev.fid.splice.HalfClose;
import dev.fid.splice.OnUnsupported;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigReaderTest {
  private static final String PIPE =
      "pipes:\n  - {name: %s, listen: 'tcp://127.0.0.1:%d', connect: 'unix:///x'}\n";

  @TempDir Path folder;

  static Stream<Corpus.Sample> wrong() {
    return Stream.of("bad", "parser-only", "syntax").flatMap(name -> Corpus.folder(name).stream());
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void reportsEveryProblemWithItsPlace(Corpus.Sample sample) {
    assertThat(sample.expected()).isNotEmpty();
    assertThat(problems(sample.file(), sample.yaml())).containsExactlyElementsOf(sample.expected());
  }

  @Test
  void readsEveryKey() throws ConfigException {
    FidFile file = read("complete.yaml");
    assertThat(file.metrics()).isEqualTo(Optional.of(new HostPort("127.0.0.1", 9464)));
    assertThat(file.pipes())
        .containsExactly(
            new PipeSpec(
                "web",
                new Address.Unix("/run/web.sock"),
                new Address.Tcp("app.internal", 8080),
                128,
                4 << 20,
                HalfClose.END,
                OnUnsupported.REFUSE,
                Duration.ofMillis(1500),
                Duration.ofMinutes(2),
                200,
                16,
                new UnixFile(0660, "app", "1000"),
                null,
                Bulk.RELAY,
                Ancillary.DISCARD));
  }

  @Test
  void hasTheDefaultsOfTheSpec() throws ConfigException {
    FidFile file = read("minimal.yaml");
    assertThat(file.metrics()).isEmpty();
    assertThat(file.pipes())
        .containsExactly(
            PipeSpec.builder("web")
                .listen("tcp://127.0.0.1:8080")
                .connect("unix:///run/app.sock")
                .build());
  }

  @Test
  void followsAliases() throws ConfigException {
    PipeSpec aliased = read("anchors.yaml").pipes().getLast();
    assertThat(aliased.connect()).isEqualTo(new Address.Unix("/run/app.sock"));
    assertThat(aliased.idleTimeout()).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void reachesEveryLimit() throws ConfigException {
    List<PipeSpec> pipes = read("limits.yaml").pipes();
    assertThat(pipes).extracting(PipeSpec::backlog).containsExactly(1, 4096, 64);
    assertThat(pipes).extracting(PipeSpec::sendBuffer).containsExactly(1 << 16, 1 << 30, 1 << 16);
    assertThat(pipes).extracting(PipeSpec::name).containsExactly("least", "most", "99");
    assertThat(pipes.get(1).unix()).isEqualTo(new UnixFile(null, null, null));
  }

  @Test
  void joinsFiles() throws IOException {
    Path a = write("a.yaml", "metrics: 'localhost:1'\n" + PIPE.formatted("a", 1));
    Path b = write("b.yaml", PIPE.formatted("b", 2));
    FidFile both = ConfigReader.read(List.of(a, b));
    assertThat(both.metrics()).isEqualTo(Optional.of(new HostPort("localhost", 1)));
    assertThat(both.pipes()).extracting(PipeSpec::name).containsExactly("a", "b");
  }

  @Test
  void reportsTheProblemsOfAllFilesTogether() throws IOException {
    Path a = write("a.yaml", "metrics: '127.0.0.1:3'\n" + PIPE.formatted("web", 1));
    Path broken = write("broken.yaml", "pipes: [\n");
    Path b =
        write("b.yaml", "metrics: '127.0.0.1:4'\n" + PIPE.formatted("web", 1) + "colour: red\n");
    assertThat(problems(List.of(a, broken, b)))
        .containsExactly(
            broken
                + ":2:1: no YAML: expected the node content, but found '<stream end>' (while parsing a flow node that begins at 2:1)",
            b + ":1:1: metrics: is given already, at " + a + ":1:1",
            b + ":3:12: name: 'web' is the name of another pipe already, at " + a + ":3:12",
            b
                + ":3:25: listen: tcp://127.0.0.1:1 is taken already, by tcp://127.0.0.1:1 at "
                + a
                + ":3:25",
            b + ":4:1: unknown key 'colour' (known: metrics, pipes)");
  }

  @Test
  void saysWhyAFileCannotBeRead() throws IOException {
    Path latin = folder.resolve("latin.yaml");
    Files.write(latin, "pipes: ä".getBytes(StandardCharsets.ISO_8859_1));
    Path absent = folder.resolve("absent.yaml");
    assertThat(problems(List.of(absent, folder, latin, absent)))
        .containsExactly(
            absent + ": cannot read the file: it does not exist",
            absent + ": the file is given twice",
            folder + ": cannot read the file: it is a directory",
            latin + ": cannot read the file: it is not UTF-8");
  }

  @Test
  void readsAFileWithAByteOrderMark() throws ConfigException {
    assertThat(ConfigReader.parse("a", "\uFEFF" + PIPE.formatted("a", 1)).pipes()).hasSize(1);
  }

  @Test
  void namesEveryProblemInTheMessage() {
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> ConfigReader.parse("f", "a: 1"));
    assertThat(e.problems())
        .contains(new Problem("f", 1, 1, "unknown key 'a' (known: metrics, pipes)"));
    assertThat(e)
        .hasMessage("f:1:1: unknown key 'a' (known: metrics, pipes)\nf:1:1: missing key 'pipes'");
  }

  private static FidFile read(String good) throws ConfigException {
    Corpus.Sample sample =
        Corpus.folder("good").stream().filter(s -> s.file().equals(good)).findFirst().orElseThrow();
    return ConfigReader.parse(sample.file(), sample.yaml());
  }

  private Path write(String name, String yaml) throws IOException {
    return Files.writeString(folder.resolve(name), yaml);
  }

  private static List<String> problems(String file, String yaml) {
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> ConfigReader.parse(file, yaml));
    assertThat(e).as("problems of " + file).isNotNull();
    return e.problems().stream().map(Problem::toString).toList();
  }

  private static List<String> problems(List<Path> files) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> ConfigReader.read(files));
    assertThat(e).as("problems of " + files).isNotNull();
    return e.problems().stream().map(Problem::toString).toList();
  }
}
