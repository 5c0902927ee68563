package dev.fid.testkit;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is in use, in bytes.
public final class Memory {
  private static final long PAGE = 4096;
  private static final long KIB = 1024;

  private Memory() {}

  /// This JVM's heap after a collection.
  public static long heapAfterGc() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /// What a process has in memory.
  public static long resident(long pid) throws IOException {
    return KIB * number(Path.of("/proc/" + pid + "/status"), "VmRSS:\\s+(\\d+) kB");
  }

  /// What TCP holds in this network namespace's kernel, queued data above all.
  public static long tcp() throws IOException {
    return PAGE * number(Path.of("/proc/net/sockstat"), "TCP:.* mem (\\d+)");
  }

  /// What the whole machine could still give out.
  public static long available() throws IOException {
    return KIB * number(Path.of("/proc/meminfo"), "MemAvailable:\\s+(\\d+) kB");
  }

  private static long number(Path file, String regex) throws IOException {
    Matcher matcher = Pattern.compile(regex).matcher(Files.readString(file));
    if (!matcher.find()) {
      throw new IOException("read " + file + ": nothing matches " + regex);
    }
    return Long.parseLong(matcher.group(1));
  }
}
