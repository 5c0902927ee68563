package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fid.bpf.ffi.BpfSyscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// Runs a program from user space over a packet; owned by one thread at a time, and a run allocates
/// nothing.
public final class TestRun implements AutoCloseable {
  /// `struct bpf_test_run_opts`
  private static final MemoryLayout OPTIONS =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("sz"),
          ADDRESS.withName("data_in"),
          ADDRESS.withName("data_out"),
          JAVA_INT.withName("data_size_in"),
          JAVA_INT.withName("data_size_out"),
          ADDRESS.withName("ctx_in"),
          ADDRESS.withName("ctx_out"),
          JAVA_INT.withName("ctx_size_in"),
          JAVA_INT.withName("ctx_size_out"),
          JAVA_INT.withName("retval"),
          JAVA_INT.withName("repeat"),
          JAVA_INT.withName("duration"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("cpu"),
          JAVA_INT.withName("batch_size"));

  private static final VarHandle SIZE = member("sz");
  private static final VarHandle DATA_IN = member("data_in");
  private static final VarHandle DATA_OUT = member("data_out");
  private static final VarHandle SIZE_IN = member("data_size_in");
  private static final VarHandle SIZE_OUT = member("data_size_out");
  private static final VarHandle RETURN_VALUE = member("retval");

  private final BpfProgram program;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment data;
  private final MemorySegment options;

  TestRun(BpfProgram program, int maxBytes) {
    this.program = program;
    data = arena.allocate(maxBytes, Long.BYTES);
    options = arena.allocate(OPTIONS);
    SIZE.set(options, 0L, OPTIONS.byteSize());
    DATA_IN.set(options, 0L, data);
    DATA_OUT.set(options, 0L, data);
  }

  /// The packet, 8-aligned; a run reads it and writes it. To a tc program its first 14 bytes are an
  /// Ethernet header: where they name IP, the kernel wants room for IP's header too.
  public MemorySegment data() {
    return data;
  }

  /// Runs the program over the first `bytes` of [#data] (a tc program wants 14 or more), writes the
  /// packet back in place and gives the program's return value.
  public int run(int bytes) throws BpfException {
    SIZE_IN.set(options, 0L, bytes);
    SIZE_OUT.set(options, 0L, (int) data.byteSize());
    int failure = BpfSyscall.progTestRunOpts(program.fd(), options);
    if (failure < 0) {
      throw BpfException.of("run %s over %d bytes".formatted(program.name(), bytes), -failure, "");
    }
    return (int) RETURN_VALUE.get(options, 0L);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static VarHandle member(String name) {
    return OPTIONS.varHandle(PathElement.groupElement(name));
  }
}
