package dev.fid.cli.bench.peer;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts another JVM as this one was started: the same options, and the same class path.
public final class JavaCommand {
  private JavaCommand() {}

  /// The words of the command.
  ///
  /// @param more in front of the class path
  public static List<String> of(List<Path> more, String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Agents are those of a debugger, a profiler or a build.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-javaagent:") && !option.startsWith("-agentlib:"))
        .filter(option -> more.isEmpty() || !option.startsWith("-XX:AOTCache"))
        .forEach(command::add);
    command.add("-cp");
    List<String> path = new ArrayList<>(more.stream().map(Path::toString).toList());
    path.add(System.getProperty("java.class.path"));
    command.add(String.join(":", path));
    command.add(main);
    command.addAll(arguments);
    return command;
  }
}
