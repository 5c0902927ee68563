package dev.fid.bpf;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.ffi.BpfSyscall;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A sock_ops program that runs for the TCP sockets of a cgroup, until this is closed or the
/// process has ended.
///
/// A socket belongs to the cgroup of the process that made it, and one that was accepted to its
/// listener's. Other programs of the cgroup run beside this one.
public final class CgroupLink implements AutoCloseable {
  /// `BPF_CGROUP_SOCK_OPS` of `enum bpf_attach_type`
  private static final int SOCK_OPS = 3;

  private final int fd;

  private CgroupLink(int fd) {
    this.fd = fd;
  }

  /// Attaches it to the cgroup of this directory, of the unified hierarchy (cgroup v2).
  ///
  /// Needs Linux 5.7, CAP_BPF and CAP_NET_ADMIN.
  @MustBeClosed
  static CgroupLink attach(BpfProgram program, Path cgroup) throws BpfException {
    String what = "attach %s to %s".formatted(program.name(), cgroup);
    int directory = open(cgroup, what);
    try {
      int link = BpfSyscall.linkCreate(program.fd(), directory, SOCK_OPS, MemorySegment.NULL);
      if (link < 0) {
        throw BpfException.of(what, -link, advice(-link));
      }
      return new CgroupLink(link);
    } finally {
      Fds.close(directory);
    }
  }

  private static int open(Path cgroup, String what) throws BpfException {
    try {
      return Fds.openDirectory(cgroup);
    } catch (OsException e) {
      throw BpfException.of(what, e.errno(), "no such cgroup can be opened");
    }
  }

  private static String advice(int errno) {
    return switch (errno) {
      case Errno.EBADF -> "it is no directory of a cgroup2 file system";
      case Errno.EPERM ->
          "CAP_BPF or CAP_NET_ADMIN is missing, or a cgroup above has a sock_ops program that shares with no other"
              + " (`bpftool cgroup tree` lists them)";
      default -> "";
    };
  }

  @Override
  public void close() {
    Fds.close(fd);
  }
}
