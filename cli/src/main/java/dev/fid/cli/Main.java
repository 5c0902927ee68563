package dev.fid.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The fid command.
@Command(
    name = "fid",
    description = "Splices TCP and UNIX sockets inside the Linux kernel.",
    mixinStandardHelpOptions = true,
    subcommands = {VersionCommand.class})
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }
}
