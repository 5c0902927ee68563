package dev.fid.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Command;

/// `fid version`: what is running, on what.
@Command(name = "version", description = "Prints the version of Fid, of Java and of the kernel.")
final class VersionCommand implements Runnable {
  private final PrintWriter out;

  VersionCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void run() {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    out.printf(
        "fid %s%njava %s%nlinux %s%n",
        version == null ? "(not from a jar)" : version,
        Runtime.version(),
        System.getProperty("os.version"));
  }
}
