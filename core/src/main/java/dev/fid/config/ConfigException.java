package dev.fid.config;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/// Pipe files are wrong; carries every problem of all of them. Its message has one a line.
public final class ConfigException extends IOException {
  private final transient List<Problem> problems;

  ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /// Every problem: file by file, and in each from its top to its end.
  public List<Problem> problems() {
    return problems;
  }
}
