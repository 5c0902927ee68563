package dev.fid.cli;

import picocli.CommandLine.Command;

/// `fid version`: what is running, on what.
@Command(name = "version", description = "Prints the version of Fid, of Java and of the kernel.")
final class VersionCommand implements Runnable {
  @Override
  public void run() {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    System.out.println("fid " + (version == null ? "(not from a jar)" : version));
    System.out.println("java " + Runtime.version());
    System.out.println("linux " + System.getProperty("os.version"));
  }
}
