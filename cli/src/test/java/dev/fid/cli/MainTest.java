package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"", "fly", "run", "check", "run --grace 10 x", "version --log-level loud"})
  void badUsageIsTwo(String arguments) {
    Cli cli = Cli.run(arguments.isEmpty() ? new String[0] : arguments.split(" "));

    assertThat(cli.exit()).isEqualTo(2);
    assertThat(cli.out()).isEmpty();
    assertThat(cli.err()).contains("Usage: fid");
  }

  @Test
  void helpIsNoError() {
    Cli cli = Cli.run("--help");

    assertThat(cli.exit()).isZero();
    assertThat(cli.out()).contains("run", "check", "doctor", "demo", "version");
    assertThat(Cli.run("run", "-h").out()).contains("--grace", "--log-level");
  }

  @Test
  void versionNamesFidJavaAndLinux() {
    Cli cli = Cli.run("version");

    assertThat(cli.exit()).isZero();
    assertThat(cli.out())
        .containsPattern("fid .+\njava 25.*\nlinux " + System.getProperty("os.version"));
  }

  @Test
  void checkCountsPipes() throws IOException {
    Path one = write("one.yaml", pipe("a", 1));
    Path two = write("two.yaml", pipe("b", 2) + pipe("c", 3).replace("pipes:\n", ""));

    Cli cli = Cli.run("check", one.toString(), two.toString());

    assertThat(cli.exit()).isZero();
    assertThat(cli.out()).isEqualTo(one + ": ok, 1 pipe\n" + two + ": ok, 2 pipes\n");
  }

  @Test
  void checkSaysEveryProblemOfEveryFile() throws IOException {
    Path typo = write("typo.yaml", pipe("a", 1).replace("connect:", "conect:"));
    Path missing = folder.resolve("missing.yaml");

    Cli cli = Cli.run("check", typo.toString(), missing.toString());

    assertThat(cli.exit()).isEqualTo(2);
    assertThat(cli.out()).isEmpty();
    assertThat(cli.err()).contains(typo + ":4:", "did you mean 'connect'?", missing.toString());
  }

  @Test
  void checkComparesFilesWithEachOther() throws IOException {
    Path one = write("one.yaml", pipe("same", 1));
    Path two = write("two.yaml", pipe("same", 2));

    Cli cli = Cli.run("check", one.toString(), two.toString());

    assertThat(cli.exit()).isEqualTo(2);
    assertThat(cli.err()).contains(two + ":", "same");
  }

  @Test
  void aBadFileIsNotRun() throws IOException {
    Cli cli = Cli.run("run", write("bad.yaml", "pipes: 3\n").toString());

    assertThat(cli.exit()).isEqualTo(2);
    assertThat(cli.out()).isEmpty();
    assertThat(cli.err()).contains("bad.yaml:1:");
  }

  private Path write(String name, String yaml) throws IOException {
    return Files.writeString(folder.resolve(name), yaml);
  }

  private static String pipe(String name, int port) {
    return """
    pipes:
      - name: %s
        listen: tcp://127.0.0.1:%d
        connect: tcp://127.0.0.1:9
    """
        .formatted(name, port);
  }
}
