package dev.fid.cli;

import dev.fid.config.ConfigException;
import dev.fid.config.ConfigReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `fid check`: whether pipe files are right, without running them.
@Command(
    name = "check",
    description = {
      "Reads pipe files and says everything that is wrong with them.",
      "Files given together are checked as one, as `fid run` reads them. Nothing is bound or connected."
    })
final class CheckCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "A pipe file (YAML).")
  private List<Path> files = List.of();

  private final PrintWriter out;

  CheckCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() throws ConfigException {
    ConfigReader.read(files);
    for (Path file : files) {
      int pipes = ConfigReader.read(List.of(file)).pipes().size();
      out.printf("%s: ok, %d %s%n", file, pipes, pipes == 1 ? "pipe" : "pipes");
    }
    return 0;
  }
}
