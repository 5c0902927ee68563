package dev.fid.cli.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the machine has computed since it was booted, on all its processors and for everybody: the
/// work of the kernel that is charged to no process is in it.
public final class Cpu {
  /// `/proc/stat` counts in hundredths of a second (USER_HZ).
  private static final double TICKS = 100;

  private static final List<Integer> BUSY =
      List.of(1, 2, 3, 6, 7); // user, nice, system, irq, softirq

  private Cpu() {}

  public static double seconds() {
    try {
      String all = Files.readString(Path.of("/proc/stat")).lines().findFirst().orElse("");
      List<String> fields = List.of(all.split(" +", -1));
      long ticks = BUSY.stream().mapToLong(field -> Long.parseLong(fields.get(field))).sum();
      return ticks / TICKS;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
