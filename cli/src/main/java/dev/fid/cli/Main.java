package dev.fid.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
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
    PrintWriter out = new PrintWriter(System.out, true, UTF_8);
    System.exit(commandLine(out, System.err, args).execute(args));
  }

  /// The command with its rules for errors and logs.
  ///
  /// picocli takes a command apart by reflection as it is added, so where the arguments begin with
  /// a command, no other one is.
  static CommandLine commandLine(PrintWriter out, PrintStream err, String... args) {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    Map<String, Object> commands = commands(out);
    Object first = args.length == 0 ? null : commands.get(args[0]);
    if (first == null) {
      commands.values().forEach(line::addSubcommand);
    } else {
      line.addSubcommand(first);
    }
    return line.setOut(out)
        .setErr(new PrintWriter(err, true, UTF_8))
        .setExecutionExceptionHandler(Failures::report)
        .setExecutionStrategy(command -> main.execute(command, err));
  }

  /// By name, in the order of `fid --help`.
  private static Map<String, Object> commands(PrintWriter out) {
    Map<String, Object> commands = new LinkedHashMap<>();
    commands.put("run", new RunCommand(out));
    commands.put("check", new CheckCommand(out));
    commands.put("doctor", new DoctorCommand(out));
    commands.put("demo", new DemoCommand(out));
    commands.put("bench", new BenchCommand(out));
    commands.put("version", new VersionCommand(out));
    commands.put("train", new TrainCommand());
    return commands;
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
