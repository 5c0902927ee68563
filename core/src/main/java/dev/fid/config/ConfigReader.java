package dev.fid.config;

import dev.fid.pipe.Address;
import dev.fid.pipe.PipeSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads pipe files, together, and says everything that is wrong with them at once.
public final class ConfigReader {
  static final List<String> KEYS = List.of("metrics", "pipes");

  private final Problems problems = new Problems();
  private final Claims claims = new Claims(problems);
  private final List<PipeSpec> pipes = new ArrayList<>();
  private @Nullable HostPort metrics;
  private @Nullable Place metricsPlace;

  private ConfigReader() {}

  /// Reads all files as if they were one: names and addresses are unique over all of them.
  ///
  /// @throws ConfigException with every problem of every file
  public static FidFile read(List<Path> files) throws ConfigException {
    ConfigReader reader = new ConfigReader();
    Set<Path> seen = new HashSet<>();
    for (Path file : files) {
      if (seen.add(file.toAbsolutePath().normalize())) {
        Sources.read(file, reader.problems).ifPresent(yaml -> reader.file(file.toString(), yaml));
      } else {
        reader.problems.add(Place.of(file.toString()), "the file is given twice");
      }
    }
    return reader.finish();
  }

  /// Reads one file's text.
  ///
  /// @param fileName what to call the file in problems
  /// @throws ConfigException with every problem
  public static FidFile parse(String fileName, String yaml) throws ConfigException {
    ConfigReader reader = new ConfigReader();
    reader.file(fileName, yaml);
    return reader.finish();
  }

  private FidFile finish() throws ConfigException {
    problems.throwIfAny();
    return new FidFile(Optional.ofNullable(metrics), pipes);
  }

  private void file(String name, String yaml) {
    YamlTree.read(name, yaml, problems).ifPresent(this::root);
  }

  private void root(Node node) {
    if (!(node instanceof Node.Mapping mapping)) {
      problems.add(node.place(), "the file must be a mapping with 'pipes:', is " + node.kind());
      return;
    }
    Fields fields = new Fields(mapping, KEYS, problems);
    fields.require("pipes");
    fields.entry("metrics").ifPresent(entry -> metrics(entry, fields));
    fields.entry("pipes").ifPresent(entry -> pipes(entry.value()));
  }

  private void metrics(Node.Entry entry, Fields fields) {
    if (metricsPlace != null) {
      problems.add(entry.place(), "metrics: is given already, at " + metricsPlace);
      return;
    }
    metricsPlace = entry.place();
    Optional<HostPort> found = fields.get("metrics", v -> HostPort.parse(Values.string(v)));
    metrics = found.orElse(null);
    found.ifPresent(at ->
        claims.listen("metrics", new Address.Tcp(at.host(), at.port()), entry.value().place()));
  }

  private void pipes(Node node) {
    if (!(node instanceof Node.Sequence list)) {
      problems.add(
          node.place(), "pipes: must be a list of pipes ('- name: ...'), is " + node.kind());
      return;
    }
    if (list.items().isEmpty()) {
      problems.add(node.place(), "pipes: has no pipe: write '- name: ...'");
    }
    PipeReader reader = new PipeReader(problems, claims);
    list.items().forEach(item -> reader.read(item).ifPresent(pipes::add));
  }
}
