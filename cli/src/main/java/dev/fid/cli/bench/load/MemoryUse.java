package dev.fid.cli.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Memory, in bytes, of a process and its descendants, and of the kernel.
///
/// @param proportional Pss: pages that several processes share count in parts
/// @param resident Rss
/// @param kernel slab, kernel stacks, page tables, and the socket memory of `/proc/net/sockstat`
record MemoryUse(long proportional, long resident, long kernel) {
  private static final long PAGE = 4096;
  private static final List<String> KERNEL = List.of("Slab", "KernelStack", "PageTables");

  /// @param pid 0: no process
  static MemoryUse of(long pid) throws IOException {
    long proportional = 0;
    long resident = 0;
    for (long process : tree(pid)) {
      try {
        String rollup = Files.readString(Path.of("/proc/" + process + "/smaps_rollup"));
        proportional += kibibytes(rollup, "Pss");
        resident += kibibytes(rollup, "Rss");
      } catch (NoSuchFileException e) {
        // It has ended.
      }
    }
    String memory = Files.readString(Path.of("/proc/meminfo"));
    long kernel = KERNEL.stream().mapToLong(name -> kibibytes(memory, name)).sum();
    return new MemoryUse(proportional, resident, kernel + sockets());
  }

  private static List<Long> tree(long pid) {
    return ProcessHandle.of(pid)
        .map(root ->
            Stream.concat(Stream.of(root), root.descendants()).map(ProcessHandle::pid).toList())
        .orElse(List.of());
  }

  private static long kibibytes(String table, String name) {
    return table
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
        .sum();
  }

  /// The lines end with `mem PAGES`.
  private static long sockets() throws IOException {
    return Files.readString(Path.of("/proc/self/net/sockstat"))
        .lines()
        .filter(line -> line.contains(" mem "))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)) * PAGE)
        .sum();
  }
}
