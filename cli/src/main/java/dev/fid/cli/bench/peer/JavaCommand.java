package dev.fid.cli.bench.peer;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

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
    path.add(classPath());
    command.add(String.join(":", path));
    command.add(main);
    command.addAll(arguments);
    return command;
  }

  /// That of this JVM; where it is all jars of one folder, in the words that name them all.
  private static String classPath() {
    String path = System.getProperty("java.class.path");
    List<Path> entries = Stream.of(path.split(":")).map(Path::of).toList();
    Path folder = entries.getFirst().getParent();
    if (folder == null) {
      return path;
    }
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
      Set<Path> all = new HashSet<>();
      jars.forEach(all::add);
      return all.equals(new HashSet<>(entries)) ? folder + "/*" : path;
    } catch (IOException e) {
      return path;
    }
  }
}
