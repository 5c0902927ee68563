package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.os.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class NativeTest {
  private static final int NOT_OPEN = -1;

  @Test
  void anIntOfMinusOneBecomesMinusErrno() {
    assertThat(LibC.close(NOT_OPEN)).isEqualTo(-Errno.EBADF);
  }

  @Test
  void aLongOfMinusOneBecomesMinusErrno() {
    assertThat(LibC.read(NOT_OPEN, MemorySegment.NULL, 1)).isEqualTo(-Errno.EBADF);
  }

  @Test
  void aVariadicFunctionGivesErrnoToo() {
    assertThat(LibC.fcntl(NOT_OPEN, 1, 0)).isEqualTo(-Errno.EBADF);
    assertThat(LibC.syscall(100_000, 0, 0, 0)).isEqualTo(-Errno.ENOSYS);
  }

  @Test
  void otherResultsComeAsTheyAre() throws Throwable {
    MethodHandle abs =
        Native.downcall(Native.libc(), "labs", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    assertThat((long) abs.invokeExact(Native.state(), -3_000_000_000L)).isEqualTo(3_000_000_000L);
    MethodHandle atoi =
        Native.downcall(Native.libc(), "atoi", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      assertThat((int) atoi.invokeExact(Native.state(), arena.allocateFrom("-2"))).isEqualTo(-2);
    }
  }

  @Test
  void aNullPointerLeavesItsErrno() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(1);
      assertThat(LibC.inetNtop(2, arena.allocate(4), text, 1)).isEqualTo(MemorySegment.NULL);
    }
    assertThat(Native.errno()).isEqualTo(Errno.ENOSPC);
  }

  @Test
  void eachThreadHasItsOwnErrno() throws Exception {
    LibC.close(NOT_OPEN);
    int others =
        onAnotherThread(() -> {
          LibC.socket(12345, 1, 0);
          return Native.errno();
        });
    assertThat(others).isEqualTo(Errno.EAFNOSUPPORT);
    assertThat(Native.errno()).isEqualTo(Errno.EBADF);
  }

  @Test
  void aFunctionThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () -> Native.downcall(Native.libc(), "no_such_thing", FunctionDescriptor.of(JAVA_INT)))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessageContaining("no_such_thing");
  }

  private static int onAnotherThread(Callable<Integer> call) throws Exception {
    FutureTask<Integer> task = new FutureTask<>(call);
    Thread.ofPlatform().start(task);
    return task.get();
  }
}
