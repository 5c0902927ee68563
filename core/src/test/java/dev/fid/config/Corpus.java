package dev.fid.config;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The pipe files of the tests. A bad one lists its problems in comments, `# LINE:COLUMN: MESSAGE`.
final class Corpus {
  private static final Pattern EXPECTED = Pattern.compile("(?m)^# (\\d+:\\d+: .*)$");

  private Corpus() {}

  record Sample(Path path, String yaml) {
    String file() {
      return String.valueOf(path.getFileName());
    }

    List<String> expected() {
      return EXPECTED.matcher(yaml).results().map(line -> file() + ":" + line.group(1)).toList();
    }

    @Override
    public String toString() {
      return file();
    }
  }

  /// The files of one folder; none is a fault of the test.
  static List<Sample> folder(String name) {
    try (Stream<Path> files =
        Files.list(Path.of(requireNonNull(Corpus.class.getResource(name), name).toURI()))) {
      List<Sample> samples = files.sorted().map(Corpus::sample).toList();
      if (samples.isEmpty()) {
        throw new IllegalStateException("no pipe files in " + name);
      }
      return samples;
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Sample sample(Path path) {
    try {
      return new Sample(path, Files.readString(path));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
