package dev.fid.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `fid version`: what is running, on what.
@Command(name = "version", description = "Prints the version of Fid, of Java and of the kernel.")
final class VersionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    spec.commandLine()
        .getOut()
        .printf(
            "fid %s%njava %s%nlinux %s%n",
            version == null ? "(not from a jar)" : version,
            Runtime.version(),
            System.getProperty("os.version"));
  }
}
