package dev.fid.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A virtual machine inside this one, reached over vhost-vsock. It serves as
/// `vm-tests/nested/guest.c` says.
final class NestedGuest implements AutoCloseable {
  /// Its address.
  static final int CID = 3;

  /// The port that echoes.
  static final int ECHO = 7;

  /// The port that takes orders to connect to this machine.
  static final int DRIVE = 9;

  private static final String READY = "fid: guest ready";

  /// Within a machine that is emulated itself, a boot takes half a minute with KVM, and two to
  /// three minutes without.
  private static final Duration BOOT = Duration.ofMinutes(6);

  private final Process qemu;
  private final Path console;

  private NestedGuest(Process qemu, Path console) {
    this.qemu = qemu;
    this.console = console;
  }

  /// Boots one and waits until it serves: with KVM where that works, else emulated.
  static NestedGuest boot(Path directory) throws IOException, InterruptedException {
    if (Files.isWritable(Path.of("/dev/kvm"))) {
      try {
        return boot(directory, "kvm");
      } catch (IOException e) {
        System.out.println("KVM boots no guest here, so it is emulated: " + e.getMessage());
      }
    }
    return boot(directory, "tcg");
  }

  private static NestedGuest boot(Path directory, String accelerator)
      throws IOException, InterruptedException {
    Path images = Path.of(Objects.requireNonNull(System.getProperty("fid.nested"), "-Dfid.nested"));
    Path console = directory.resolve("console-" + accelerator + ".log");
    Process qemu = new ProcessBuilder(command(images, accelerator, console)).inheritIO().start();
    NestedGuest guest = new NestedGuest(qemu, console);
    try {
      guest.awaitReady();
      return guest;
    } catch (IOException | InterruptedException | RuntimeException e) {
      guest.close();
      throw e;
    }
  }

  private static List<String> command(Path images, String accelerator, Path console) {
    String line =
        """
        qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none
        -M pc -accel %s -cpu max -m 256 -device vhost-vsock-pci,guest-cid=%d -serial file:%s
        -kernel %s/vmlinux -initrd %s/initrd -append\
        """
            .formatted(accelerator, CID, console, images, images);
    List<String> words = new ArrayList<>(List.of(line.split("\\s+")));
    words.add(
        "console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check tsc=reliable audit=0");
    return words;
  }

  /// Power off, in the middle of whatever it does.
  void kill() {
    qemu.destroyForcibly();
    qemu.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  private void awaitReady() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + BOOT.toNanos();
    while (!said().contains(READY)) {
      if (!qemu.isAlive() || System.nanoTime() > deadline) {
        String state = qemu.isAlive() ? "runs" : "ended with " + qemu.exitValue();
        throw new IOException("the guest is not ready; QEMU " + state + "; console:\n" + said());
      }
      Thread.sleep(200);
    }
  }

  private String said() throws IOException {
    return Files.exists(console) ? Files.readString(console) : "";
  }
}
