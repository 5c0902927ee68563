package dev.fid.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The files of `/proc` and `/sys` in a folder, first of a machine on which all is well.
final class FakeKernel {
  private final Path root;

  FakeKernel(Path root) {
    this.root = root;
    release("6.12.43+deb13-amd64").capabilities("000001ffffffffff").btf();
    write("proc/net/protocols", "protocol  size sockets\nTCP  2432\n");
  }

  Kernel kernel() {
    return new Kernel(root.resolve("proc"), root.resolve("sys"));
  }

  FakeKernel release(String release) {
    return write("proc/sys/kernel/osrelease", release + "\n");
  }

  FakeKernel capabilities(String effective) {
    return write("proc/thread-self/status", "Name:\tjava\nCapEff:\t" + effective + "\n");
  }

  FakeKernel lockdown(String modes) {
    return write("sys/kernel/security/lockdown", modes + "\n");
  }

  FakeKernel withoutBtf() {
    try {
      Files.delete(root.resolve("sys/kernel/btf/vmlinux"));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// With vsock, and these files under `/sys`.
  FakeKernel vsock(String... files) {
    for (String file : files) {
      write("sys/" + file, "");
    }
    return write("proc/net/protocols", "protocol  size sockets\nAF_VSOCK  1240\nTCP  2432\n");
  }

  private FakeKernel btf() {
    return write("sys/kernel/btf/vmlinux", "");
  }

  private FakeKernel write(String name, String text) {
    try {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
