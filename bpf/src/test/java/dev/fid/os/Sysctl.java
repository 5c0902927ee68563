package dev.fid.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A number under /proc/sys.
final class Sysctl {
  private Sysctl() {}

  /// Reads it in one read(2): a second one, at an offset, finds the end (proc_dointvec), so
  /// Files.readString, which begins with one byte, gives the first digit alone.
  static int read(String name) throws IOException {
    return Integer.parseInt(Files.readAllLines(Path.of("/proc/sys", name)).getFirst().strip());
  }
}
