package dev.fid.cli;

import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The fid command. Exit codes: 0 success, 1 failure, 2 bad usage or a bad pipe file.
@Command(
    name = "fid",
    description = "Splices TCP and UNIX sockets inside the Linux kernel.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      CheckCommand.class,
      DoctorCommand.class,
      DemoCommand.class,
      VersionCommand.class
    })
public final class Main {
  @Option(
      names = "--log-level",
      scope = ScopeType.INHERIT,
      paramLabel = "LEVEL",
      description = "What to log: ${COMPLETION-CANDIDATES} (default: info).")
  private LogLevel logLevel = LogLevel.info;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "The same as --log-level debug.")
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      scope = ScopeType.INHERIT,
      usageHelp = true,
      description = "Prints this.")
  @SuppressWarnings("UnusedVariable") // picocli's
  private boolean help;

  private Main() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /// The command with its rules for errors and logs.
  static CommandLine commandLine() {
    Main main = new Main();
    CommandLine commands = new CommandLine(main);
    commands.setExecutionExceptionHandler(Failures::report);
    commands.setExecutionStrategy(parsed -> {
      try (LogOutput _ = LogOutput.open(main.level(), System.err)) {
        return new CommandLine.RunLast().execute(parsed);
      }
    });
    return commands;
  }

  private Level level() {
    return verbose && logLevel == LogLevel.info ? LogLevel.debug.level() : logLevel.level();
  }
}
