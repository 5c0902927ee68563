package dev.fid.cli.bench.peer;

import java.nio.file.Path;
import java.util.List;

/// How a relay is started.
///
/// @param command its words; empty: there is no relay, clients connect to the back end
/// @param file where its configuration is written before
/// @param configuration empty: it has none
public record Launch(List<String> command, Path file, String configuration) {
  static Launch none() {
    return new Launch(List.of(), Path.of(""), "");
  }

  static Launch of(List<String> command) {
    return new Launch(command, Path.of(""), "");
  }

  /// As a report shows it: the command, and the file that it reads.
  public String text() {
    return String.join(" ", command) + (configuration.isEmpty() ? "" : "\n" + configuration);
  }
}
