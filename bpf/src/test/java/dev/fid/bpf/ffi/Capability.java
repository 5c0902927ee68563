package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/// A capability that a test does without.
///
/// Capabilities belong to threads: capset(2) on a thread that then ends leaves all others alone.
public enum Capability {
  NET_ADMIN(12),
  SYS_RESOURCE(24);

  private static final int VERSION_3 = 0x20080522;
  private static final FunctionDescriptor FUNCTION =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);

  private final int number;

  Capability(int number) {
    this.number = number;
  }

  /// What `call` gives on a thread that lacks this capability.
  public <T> T without(Callable<T> call) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          drop();
          return call.call();
        });
    Thread.ofPlatform().start(task);
    return task.get();
  }

  private void drop() {
    MethodHandle capget = Native.downcall(Native.libc(), "capget", FUNCTION);
    MethodHandle capset = Native.downcall(Native.libc(), "capset", FUNCTION);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment header = arena.allocate(8, 4);
      header.set(JAVA_INT, 0, VERSION_3);
      MemorySegment sets = arena.allocate(24, 4); // two of { effective, permitted, inheritable }
      require((int) capget.invokeExact(header, sets));
      for (int set = 0; set < 2; set++) {
        sets.setAtIndex(JAVA_INT, set, sets.getAtIndex(JAVA_INT, set) & ~(1 << number));
      }
      require((int) capset.invokeExact(header, sets));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static void require(int result) {
    if (result < 0) {
      throw new IllegalStateException("capabilities: errno " + -result);
    }
  }
}
