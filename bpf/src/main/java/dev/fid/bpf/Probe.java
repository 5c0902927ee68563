package dev.fid.bpf;

import com.google.errorprone.annotations.Immutable;
import dev.fid.bpf.ffi.Btf;
import dev.fid.bpf.ffi.LibBpf;
import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.Set;
import java.util.function.ToIntFunction;

/// Asks the running kernel for one feature: 1 for yes, 0 for no, -errno where it cannot tell.
@Immutable
interface Probe {
  /// What the kernel answers where it does not know an attach type or takes no such socket.
  Set<Integer> REFUSALS = Set.of(Errno.EINVAL, Errno.EOPNOTSUPP, 524 /* ENOTSUPP */);

  int ask() throws BpfException;

  static Probe mapType(int type) {
    return () -> LibBpf.probeMapType(type);
  }

  static Probe programType(int type) {
    return () -> LibBpf.probeProgType(type);
  }

  static Probe helper(int programType, int helper) {
    return () -> LibBpf.probeHelper(programType, helper);
  }

  static int btf() {
    return inVmlinux(_ -> 1);
  }

  static Probe kernelFunction(String name) {
    return () ->
        inVmlinux(btf -> {
          try (var arena = Arena.ofConfined()) {
            int id = Btf.findByNameKind(btf, arena.allocateFrom(name), Btf.KIND_FUNC);
            return id > 0 ? 1 : 0;
          }
        });
  }

  static Probe attach(String program, AttachType type) {
    return () -> {
      try (var object = BpfSpec.resource("probe").load()) {
        object.program(program).attach(object.sockHash("probe_hash"), type);
        return 1;
      } catch (BpfException e) {
        if (REFUSALS.contains(e.errno())) {
          return 0;
        }
        throw e;
      }
    };
  }

  static int tcpSocket() throws BpfException {
    return enrolled(Sockets.AF_INET, SocketName.inet(InetAddress.getLoopbackAddress(), 0));
  }

  static int unixSocket() throws BpfException {
    return enrolled(Sockets.AF_UNIX, SocketName.unix("@fid-probe-" + System.nanoTime()));
  }

  private static int enrolled(int domain, SocketName name) throws BpfException {
    try (var object = BpfSpec.resource("probe").load();
        var sockets = new ProbeSockets(domain, name)) {
      int failure = object.sockHash("probe_hash").enrol(1, sockets.connected());
      return failure == 0 ? 1 : REFUSALS.contains(-failure) ? 0 : failure;
    } catch (OsException e) {
      return -e.errno();
    }
  }

  private static int inVmlinux(ToIntFunction<MemorySegment> question) {
    long address = Btf.loadVmlinuxBtf();
    if (address < 0) {
      return address == -Errno.ENOENT || address == -Errno.ESRCH ? 0 : (int) address;
    }
    var btf = MemorySegment.ofAddress(address);
    try {
      return question.applyAsInt(btf);
    } finally {
      Btf.free(btf);
    }
  }
}
