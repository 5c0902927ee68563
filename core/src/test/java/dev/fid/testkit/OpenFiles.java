package dev.fid.testkit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/// The sockets, pipes, maps, programs and event polls that a process has open, by kind.
///
/// Files with a path are left out: class loading opens them. What the JVM opens once and keeps (the
/// pollers of virtual threads, for one) is there only after a first round of what is measured.
public record OpenFiles(long pid, Map<String, Integer> kinds) {
  public OpenFiles {
    kinds = Map.copyOf(kinds);
  }

  public static OpenFiles self() throws IOException {
    return of(ProcessHandle.current().pid());
  }

  public static OpenFiles of(long pid) throws IOException {
    Map<String, Integer> kinds = new TreeMap<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path entry : entries) {
        String target = target(entry);
        if (!target.isEmpty() && !target.startsWith("/")) {
          kinds.merge(target.replaceFirst(":\\[\\d+]$", ""), 1, Integer::sum);
        }
      }
    }
    return new OpenFiles(pid, kinds);
  }

  public int count() {
    return kinds.values().stream().mapToInt(Integer::intValue).sum();
  }

  public int count(String kind) {
    return kinds.getOrDefault(kind, 0);
  }

  /// What this has more of than `before`.
  public Map<String, Integer> moreThan(OpenFiles before) {
    Map<String, Integer> more = new TreeMap<>();
    kinds.forEach((kind, count) -> {
      if (count > before.count(kind)) {
        more.put(kind, count - before.count(kind));
      }
    });
    return more;
  }

  /// Waits until the process has no more of any kind than now; fails with what is left over.
  public void assertBack(Duration patience) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Patience.of(patience).toNanos();
    Map<String, Integer> more = of(pid).moreThan(this);
    while (!more.isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(20);
      more = of(pid).moreThan(this);
    }
    if (!more.isEmpty()) {
      throw new AssertionError("process " + pid + " has more open than before: " + more);
    }
  }

  private static String target(Path entry) throws IOException {
    try {
      return Files.readSymbolicLink(entry).toString();
    } catch (NoSuchFileException _) {
      return ""; // closed meanwhile: the listing itself is one
    }
  }
}
