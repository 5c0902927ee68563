package dev.fid.os;

import dev.fid.bpf.ffi.LibC;
import java.util.Locale;

/// membarrier(2): waits for what runs in the kernel.
public final class Membarrier {
  private static final int MEMBARRIER_CMD_GLOBAL = 1;

  private Membarrier() {}

  /// Returns when every program that ran in the kernel as this was called has ended:
  /// MEMBARRIER_CMD_GLOBAL waits for an RCU grace period (milliseconds).
  ///
  /// Two limits of kernel/sched/membarrier.c: where `nohz_full` is on it fails with EINVAL, and on
  /// a machine of one CPU it returns at once, though a preemptible kernel may have set a program
  /// aside halfway.
  public static void global() throws OsException {
    long result = LibC.syscall(number(), MEMBARRIER_CMD_GLOBAL, 0, 0);
    OsException.check("membarrier", (int) result);
  }

  /// libc has no function for it. The number is that of asm/unistd_64.h, or of
  /// asm-generic/unistd.h.
  private static int number() {
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return machine.equals("amd64") || machine.equals("x86_64") ? 324 : 283;
  }
}
