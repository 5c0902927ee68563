package dev.fid.cli;

import dev.fid.config.ConfigException;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParseResult;

/// Turns what a command throws into lines on stderr and an exit code.
final class Failures {
  private Failures() {}

  /// An [IOException] is expected and is its message; anything else is a mistake of ours.
  static int report(Exception thrown, CommandLine command, ParseResult parsed) {
    if (thrown instanceof ConfigException bad) {
      bad.problems().forEach(command.getErr()::println);
      return ExitCode.USAGE;
    }
    if (thrown instanceof IOException) {
      command.getErr().println("fid: " + thrown.getMessage());
      return ExitCode.SOFTWARE;
    }
    command.getErr().println("fid: this is a mistake in Fid; please report it with these lines");
    thrown.printStackTrace(command.getErr());
    return ExitCode.SOFTWARE;
  }
}
