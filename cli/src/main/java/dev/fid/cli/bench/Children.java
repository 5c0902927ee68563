package dev.fid.cli.bench;

import java.util.ArrayList;
import java.util.List;

/// Processes that do not outlive this one.
final class Children {
  private Children() {}

  private static final String MORE_DESCRIPTORS =
      "ulimit -n 65536 2>/dev/null || ulimit -S -n \"$(ulimit -H -n)\"; exec \"$@\"";

  /// Has descriptors for many connections, as far as this user may have them; gets SIGTERM when the
  /// thread that starts it ends (prctl(2), PR_SET_PDEATHSIG), so also when this process is killed.
  static List<String> dyingWithUs(List<String> command) {
    List<String> all = new ArrayList<>(List.of("setpriv", "--pdeathsig", "TERM", "--"));
    all.addAll(List.of("sh", "-c", MORE_DESCRIPTORS, "fid-bench"));
    all.addAll(command);
    return all;
  }

  /// Ends a process and all that it has started.
  static void end(Process process) {
    List<ProcessHandle> tree = process.descendants().toList();
    process.destroyForcibly();
    tree.forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
  }
}
