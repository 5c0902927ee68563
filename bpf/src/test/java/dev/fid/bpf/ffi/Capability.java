package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/// A capability that a test can do without.
///
/// Capabilities belong to threads: capset(2) on a thread that then ends leaves all others alone.
public enum Capability {
  CHOWN(0),
  NET_ADMIN(12),
  SYS_ADMIN(21),
  SYS_RESOURCE(24),
  PERFMON(38),
  BPF(39);

  private static final int VERSION_3 = 0x20080522;
  private static final FunctionDescriptor FUNCTION =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);

  private final int number;

  Capability(int number) {
    this.number = number;
  }

  /// Whether this thread has it.
  public boolean isHeld() {
    try (Arena arena = Arena.ofConfined()) {
      return (sets(arena).getAtIndex(JAVA_INT, word()) & bit()) != 0;
    }
  }

  /// What `call` gives on a thread that lacks this capability.
  public <T> T without(Callable<T> call) throws Exception {
    return without(call, this);
  }

  /// What `call` gives on a thread that lacks all of these.
  public static <T> T without(Callable<T> call, Capability... lacking) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          for (Capability capability : lacking) {
            capability.drop();
          }
          return call.call();
        });
    Thread.ofPlatform().start(task);
    return task.get();
  }

  private void drop() {
    MethodHandle capset = Native.downcall(Native.libc(), "capset", FUNCTION);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sets = sets(arena);
      for (int set = 0; set < 2; set++) { // effective, permitted
        int word = word() + set;
        sets.setAtIndex(JAVA_INT, word, sets.getAtIndex(JAVA_INT, word) & ~bit());
      }
      require(Native.answer((int) capset.invokeExact(Native.state(), header(arena), sets)));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// Two of { effective, permitted, inheritable }.
  private static MemorySegment sets(Arena arena) {
    MethodHandle capget = Native.downcall(Native.libc(), "capget", FUNCTION);
    try {
      MemorySegment sets = arena.allocate(24, 4);
      require(Native.answer((int) capget.invokeExact(Native.state(), header(arena), sets)));
      return sets;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static MemorySegment header(Arena arena) {
    MemorySegment header = arena.allocate(8, 4);
    header.set(JAVA_INT, 0, VERSION_3);
    return header;
  }

  private int word() {
    return 3 * (number / Integer.SIZE);
  }

  private int bit() {
    return 1 << (number % Integer.SIZE);
  }

  private static void require(int result) {
    if (result < 0) {
      throw new IllegalStateException("capabilities: errno " + -result);
    }
  }
}
