package dev.fid.bpf;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.ffi.BpfSyscall;
import java.nio.file.Path;

/// A loaded program; valid until its object is closed.
public final class BpfProgram {
  private final String name;
  private final int fd;

  BpfProgram(String name, int fd) {
    this.name = name;
    this.fd = fd;
  }

  public String name() {
    return name;
  }

  /// Owned by the object.
  public int fd() {
    return fd;
  }

  /// Runs this program for the sockets that are enrolled in `map` from now on: those that are there
  /// already keep what they had.
  public void attach(SockTable map, AttachType type) throws BpfException {
    int failure = BpfSyscall.progAttach(fd, map.fd(), type.number, 0);
    if (failure < 0) {
      throw BpfException.of(
          "attach %s to %s as %s".formatted(name, map.name(), type), -failure, "");
    }
  }

  /// Takes this program off the map.
  public void detach(SockTable map, AttachType type) throws BpfException {
    int failure = BpfSyscall.progDetach2(fd, map.fd(), type.number);
    if (failure < 0) {
      throw BpfException.of(
          "detach %s from %s as %s".formatted(name, map.name(), type), -failure, "");
    }
  }

  /// Runs this sock_ops program for the sockets of a cgroup; see [CgroupLink].
  @MustBeClosed
  public CgroupLink attach(Path cgroup) throws BpfException {
    return CgroupLink.attach(this, cgroup);
  }

  /// A runner for packets of up to `maxBytes`.
  public TestRun testRun(int maxBytes) {
    return new TestRun(this, maxBytes);
  }
}
