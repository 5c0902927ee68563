package dev.fid.cli.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What it was measured on.
///
/// @param memory bytes
/// @param busyBefore processors' worth of work that others did just before the first round
public record Machine(
    String processor, int processors, long memory, String kernel, String java, double busyBefore) {
  public static Machine here(double busyBefore) throws IOException {
    return new Machine(
        field("/proc/cpuinfo", "model name"),
        Runtime.getRuntime().availableProcessors(),
        Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D+", "")) << 10,
        "Linux " + System.getProperty("os.version"),
        Runtime.version().toString(),
        busyBefore);
  }

  private static String field(String file, String name) throws IOException {
    return Files.readString(Path.of(file))
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("0");
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s, %d processors, %.0f GiB, %s, Java %s; others used %.2f processors before",
        processor,
        processors,
        memory / (double) (1L << 30),
        kernel,
        java,
        busyBefore);
  }
}
