package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A network namespace of a thread's own, with a loopback: of the threads that it starts, too, and
/// of nobody else. It goes with the last of them and their sockets. Needs root.
public final class NewNetwork {
  private static final int CLONE_NEWNET = 0x40000000;

  private NewNetwork() {}

  /// Puts this thread into a new one, in which UNIX datagram sockets have a queue as systemd sets
  /// it.
  public static void enter() throws IOException, InterruptedException {
    MethodHandle unshare =
        Native.downcall(Native.libc(), "unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    int result;
    try {
      result = Native.answer((int) unshare.invokeExact(Native.state(), CLONE_NEWNET));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
    if (result < 0) {
      throw new IOException("unshare(CLONE_NEWNET): errno " + -result);
    }
    Process up = new ProcessBuilder(List.of("ip", "link", "set", "lo", "up")).inheritIO().start();
    if (up.waitFor() != 0) {
      throw new IOException("ip link set lo up: exit code " + up.exitValue());
    }
    Files.writeString(Path.of("/proc/sys/net/unix/max_dgram_qlen"), "512");
  }
}
