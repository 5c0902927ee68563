package dev.fid.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds the cgroup of this process in the unified hierarchy (cgroup v2).
public final class Cgroup {
  private Cgroup() {}

  /// Its directory.
  ///
  /// @throws IOException that says what to do where none is mounted, or not the part that this
  ///   process is in
  public static Path own() throws IOException {
    return own(Path.of("/proc/self"));
  }

  static Path own(Path process) throws IOException {
    List<Mount> mounts = mounts(process.resolve("mountinfo"));
    if (mounts.isEmpty()) {
      throw new IOException(
          "no cgroup2 file system is mounted: mount -t cgroup2 none /sys/fs/cgroup");
    }
    String path = membership(process.resolve("cgroup"));
    return mounts.stream()
        .flatMap(mount -> mount.directory(path).stream())
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(() ->
            new IOException(
                "cgroup %s of this process is not in the cgroup2 file system mounted at %s"
                    .formatted(path, mounts.getFirst().point())));
  }

  /// The cgroup2 mounts among the lines of mountinfo: `ID PARENT MAJ:MIN ROOT POINT OPTIONS
  /// [TAG...]
  /// - TYPE SOURCE OPTIONS`.
  private static List<Mount> mounts(Path mountinfo) throws IOException {
    try (Stream<String> lines = Files.lines(mountinfo)) {
      return lines
          .filter(line -> line.contains(" - cgroup2 "))
          .map(line -> line.split(" "))
          .map(fields -> new Mount(unescaped(fields[3]), unescaped(fields[4])))
          .toList();
    }
  }

  /// Spaces and the like are octal there, as in fstab(5).
  private static String unescaped(String field) {
    return field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
  }

  /// The line `0::PATH` (cgroups(7)).
  private static String membership(Path cgroup) throws IOException {
    try (Stream<String> lines = Files.lines(cgroup)) {
      return lines
          .filter(line -> line.startsWith("0::"))
          .map(line -> line.substring("0::".length()))
          .findFirst()
          .orElseThrow(() -> new IOException("this kernel has no unified cgroup hierarchy"));
    }
  }

  private record Mount(String root, String point) {
    /// Where this mount shows the cgroup, if it does: a mount may show a part of the hierarchy
    /// only.
    Optional<Path> directory(String path) {
      if (root.equals("/")) {
        return Optional.of(Path.of(point + path));
      }
      return path.equals(root) || path.startsWith(root + "/")
          ? Optional.of(Path.of(point + path.substring(root.length())))
          : Optional.empty();
    }
  }
}
