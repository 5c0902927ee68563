package dev.fid.cli.bench.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A program that is installed, or not.
///
/// @param debianPackage what to install where it is missing
record Program(String name, String debianPackage, List<Path> elsewhere) {
  private static final List<Path> SYSTEM = List.of(Path.of("/usr/sbin"), Path.of("/sbin"));

  static Program named(String name, String debianPackage) {
    return new Program(name, debianPackage, SYSTEM);
  }

  Optional<Path> find() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.concat(
            Stream.of(path.split(File.pathSeparator)).filter(dir -> !dir.isEmpty()).map(Path::of),
            elsewhere.stream())
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Optional<String> missing() {
    return find().isPresent()
        ? Optional.empty()
        : Optional.of(name + " is not installed: apt-get install " + debianPackage);
  }

  String path() {
    return find().map(Path::toString).orElse(name);
  }

  /// The first line that it prints which has a text in it.
  String versionLine(String option, String text) {
    try {
      Process process =
          new ProcessBuilder(path(), option)
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .start();
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      return printed
          .lines()
          .filter(line -> line.contains(text))
          .findFirst()
          .orElse("of an unknown version")
          .strip();
    } catch (IOException e) {
      return "of an unknown version (" + e.getMessage() + ")";
    }
  }
}
