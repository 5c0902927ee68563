package dev.fid.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;

/// The fid command. Exit codes: 0 success, 1 failure, 2 bad usage or a bad pipe file.
@Command(
    name = "fid",
    description = "Splices TCP, UNIX and vsock sockets inside the Linux kernel.",
    synopsisSubcommandLabel = "COMMAND")
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
    System.exit(commandLine(new PrintWriter(System.out, true, UTF_8), System.err).execute(args));
  }

  /// The command with its rules for errors and logs.
  static CommandLine commandLine(PrintWriter out, PrintStream err) {
    Main main = new Main();
    return new CommandLine(main)
        .addSubcommand(new RunCommand(out))
        .addSubcommand(new CheckCommand(out))
        .addSubcommand(new DoctorCommand(out))
        .addSubcommand(new DemoCommand(out))
        .addSubcommand(new BenchCommand(out))
        .addSubcommand(new VersionCommand(out))
        .setOut(out)
        .setErr(new PrintWriter(err, true, UTF_8))
        .setExecutionExceptionHandler(Failures::report)
        .setExecutionStrategy(command -> main.execute(command, err));
  }

  private int execute(ParseResult command, PrintStream err) {
    try (LogOutput _ = LogOutput.open(level(), err)) {
      return new RunLast().execute(command);
    }
  }

  private Level level() {
    return verbose && logLevel == LogLevel.info ? LogLevel.debug.level() : logLevel.level();
  }
}
