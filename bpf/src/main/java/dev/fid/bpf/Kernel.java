package dev.fid.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What `/proc` and `/sys` tell of the kernel and of what this thread may do.
record Kernel(Path proc, Path sys) {
  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  static Kernel running() {
    return new Kernel(Path.of("/proc"), Path.of("/sys"));
  }

  KernelVersion version() {
    return KernelVersion.parse(read(proc.resolve("sys/kernel/osrelease")));
  }

  boolean hasBtf() {
    return Files.isReadable(btf());
  }

  Path btf() {
    return sys.resolve("kernel/btf/vmlinux");
  }

  /// `none`, `integrity` or `confidentiality`; `none` where the kernel knows no lockdown.
  String lockdown() {
    Path file = sys.resolve("kernel/security/lockdown");
    if (!Files.isReadable(file)) {
      return "none";
    }
    String modes = read(file);
    return modes.substring(modes.indexOf('[') + 1, modes.indexOf(']'));
  }

  /// The capabilities that the splice programs need and this thread lacks. CAP_SYS_ADMIN stands for
  /// each of them (`bpf_capable`, `perfmon_capable` and `bpf_net_capable`).
  List<String> missingCapabilities() {
    long effective = effective();
    boolean admin = has(effective, CAP_SYS_ADMIN);
    var missing = new ArrayList<String>();
    if (!admin && !has(effective, CAP_BPF)) {
      missing.add("CAP_BPF");
    }
    if (!admin && !has(effective, CAP_NET_ADMIN)) {
      missing.add("CAP_NET_ADMIN");
    }
    if (!admin && !has(effective, CAP_PERFMON)) {
      missing.add("CAP_PERFMON");
    }
    return missing;
  }

  private long effective() {
    return read(proc.resolve("thread-self/status"))
        .lines()
        .filter(line -> line.startsWith("CapEff:"))
        .map(line -> Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16))
        .findFirst()
        .orElse(0L);
  }

  private static boolean has(long set, int capability) {
    return (set >>> capability & 1) == 1;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("read " + file, e);
    }
  }
}
