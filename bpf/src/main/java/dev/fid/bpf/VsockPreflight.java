package dev.fid.bpf;

import dev.fid.bpf.Preflight.Check;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What vsock has on a machine, by what the kernel shows in files: no socket is opened for it.
///
/// A kernel may carry a machine's own CID (vsock_loopback) without showing it, where that is built
/// in.
public final class VsockPreflight {
  private static final KernelVersion SINCE = KernelVersion.parse("6.4");

  private VsockPreflight() {}

  /// Looks at this machine. A check that does not pass is no fault: few machines have them all.
  public static List<Check> run() {
    return of(Kernel.running());
  }

  static List<Check> of(Kernel kernel) {
    boolean mapped = kernel.version().compareTo(SINCE) >= 0;
    return List.of(
        check("vsock", hasFamily(kernel), "modprobe vsock"),
        check(
            "vsock to guests",
            Files.exists(kernel.sys().resolve("class/misc/vhost-vsock")),
            "on a host of guests: modprobe vhost_vsock"),
        check(
            "vsock to the host",
            hasDevice(kernel.sys().resolve("bus/virtio/drivers/vmw_vsock_virtio_transport")),
            "in a guest: give the virtual machine a vsock device"),
        check(
            "vsock://local",
            Files.exists(kernel.sys().resolve("module/vsock_loopback")),
            "to connect within this machine: modprobe vsock_loopback"),
        new Check(
            "vsock in a sockmap",
            "Linux " + kernel.version(),
            mapped ? Optional.empty() : Optional.of("needs Linux 6.4 or later")));
  }

  private static Check check(String title, boolean there, String advice) {
    return new Check(
        title, there ? "there" : "missing", there ? Optional.empty() : Optional.of(advice));
  }

  private static boolean hasFamily(Kernel kernel) {
    try {
      return Files.readAllLines(kernel.proc().resolve("net/protocols")).stream()
          .anyMatch(line -> line.startsWith("AF_VSOCK "));
    } catch (IOException e) {
      throw new UncheckedIOException("read the kernel's protocols", e);
    }
  }

  /// Whether the driver drives one.
  private static boolean hasDevice(Path driver) {
    if (!Files.isDirectory(driver)) {
      return false;
    }
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(driver, "virtio*")) {
      return devices.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException("list " + driver, e);
    }
  }
}
