package dev.fid.os;

import static dev.fid.os.SocketPair.await;
import static dev.fid.os.SocketPair.expect;
import static dev.fid.os.SocketPair.sendAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.ffi.Capability;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FdsTest {
  private final MemorySegment buffer = Arena.ofAuto().allocate(4096);

  @Test
  void aPipeCarriesBytes() throws Exception {
    MemorySegment text = Arena.ofAuto().allocateFrom("hello");
    try (Fds.Pipe pipe = Fds.pipe(65536)) {
      assertThat(Fds.write(pipe.writeEnd(), text)).isEqualTo(6);
      assertThat(Fds.read(pipe.readEnd(), buffer)).isEqualTo(6);
      assertThat(buffer.getString(0)).isEqualTo("hello");
    }
  }

  @Test
  void anEmptyPipeAndAFullOneSayEagain() throws Exception {
    try (Fds.Pipe pipe = Fds.pipe(4096)) {
      assertThat(Fds.read(pipe.readEnd(), buffer)).isEqualTo(-Errno.EAGAIN);
      assertThat(Fds.write(pipe.writeEnd(), buffer)).isEqualTo(4096);
      assertThat(Fds.write(pipe.writeEnd(), buffer)).isEqualTo(-Errno.EAGAIN);
    }
  }

  @Test
  void aPipeIsAsLargeAsAsked() throws Exception {
    try (Fds.Pipe small = Fds.pipe(4096);
        Fds.Pipe tiny = Fds.pipe(1);
        Fds.Pipe large = Fds.pipe(1 << 20)) {
      assertThat(tiny.capacity()).isEqualTo(4096);
      assertThat(small.capacity()).isEqualTo(4096);
      assertThat(large.capacity()).isEqualTo(1 << 20);
    }
  }

  @Test
  void aPipeThatIsRefusedItsSizeGetsTheMostThatIsAllowed() throws Exception {
    int most = Sysctl.read("fs/pipe-max-size");
    try (Fds.Pipe pipe = Capability.SYS_RESOURCE.without(() -> Fds.pipe(most * 4))) {
      assertThat(pipe.capacity()).isEqualTo(most);
    }
  }

  @Test
  void aClosedPipeIsClosedAtBothEnds() throws Exception {
    Fds.Pipe pipe = Fds.pipe(4096);
    pipe.close();
    assertThat(Path.of("/proc/self/fd/" + pipe.readEnd())).doesNotExist();
    assertThat(Path.of("/proc/self/fd/" + pipe.writeEnd())).doesNotExist();
  }

  @Test
  void descriptorsDoNotOutliveAnExec() throws Exception {
    try (Fds.Pipe pipe = Fds.pipe(4096);
        SocketPair pair = SocketPair.tcp()) {
      for (int fd : new int[] {pipe.readEnd(), pipe.writeEnd(), pair.client(), pair.server()}) {
        assertThat(flags(fd) & 02000000).as("O_CLOEXEC of %d", fd).isNotZero();
        assertThat(flags(fd) & 04000).as("O_NONBLOCK of %d", fd).isNotZero();
      }
    }
  }

  private static int flags(int fd) throws Exception {
    return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
        .filter(line -> line.startsWith("flags:"))
        .map(line -> Integer.parseInt(line.substring("flags:".length()).strip(), 8))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aClosedDescriptorIsBad() throws Exception {
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM);
    assertThat(Fds.close(fd)).isZero();
    assertThat(Fds.close(-1)).isEqualTo(-Errno.EBADF);
    assertThat(Fds.send(-1, buffer)).isEqualTo(-Errno.EBADF);
    assertThat(Fds.splice(-1, -1, 1)).isEqualTo(-Errno.EBADF);
  }

  @Test
  void writingWhatNobodyReadsIsEpipeAndTheJvmLives() throws Exception {
    try (Fds.Pipe dead = Fds.pipe(4096);
        Fds.Pipe full = Fds.pipe(4096)) {
      Fds.close(dead.readEnd());
      Fds.write(full.writeEnd(), buffer);
      assertThat(Fds.write(dead.writeEnd(), buffer)).isEqualTo(-Errno.EPIPE);
      assertThat(Fds.splice(full.readEnd(), dead.writeEnd(), 10)).isEqualTo(-Errno.EPIPE);
    }
  }

  @Test
  void sendingWhatNobodyReceivesIsEpipeAndTheJvmLives() throws Exception {
    try (SocketPair pair = SocketPair.unix();
        Fds.Pipe full = Fds.pipe(4096)) {
      pair.closeClient(Fds::close);
      Fds.write(full.writeEnd(), buffer);
      assertThat(Fds.send(pair.server(), buffer)).isEqualTo(-Errno.EPIPE);
      assertThat(Fds.splice(full.readEnd(), pair.server(), 10)).isEqualTo(-Errno.EPIPE);
    }
  }

  @Test
  void spliceMovesFromTcpToUnix() throws Exception {
    try (SocketPair from = SocketPair.tcp();
        SocketPair to = SocketPair.unix();
        Fds.Pipe pipe = Fds.pipe(65536)) {
      sendAll(from.client(), "over and out");
      long in = await(() -> Fds.splice(from.server(), pipe.writeEnd(), 4096), n -> n > 0);
      assertThat(in).isEqualTo(12);
      assertThat(Fds.splice(pipe.readEnd(), to.server(), in)).isEqualTo(12);
      expect(to.client(), "over and out");
    }
  }

  @Test
  void spliceMovesNoMoreThanItIsAskedFor() throws Exception {
    try (SocketPair pair = SocketPair.unix();
        Fds.Pipe pipe = Fds.pipe(65536)) {
      sendAll(pair.client(), "abcdef");
      assertThat(Fds.splice(pair.server(), pipe.writeEnd(), 4)).isEqualTo(4);
      expect(pair.server(), "ef");
    }
  }

  @Test
  void spliceSaysEagainThenTheEnd() throws Exception {
    try (SocketPair pair = SocketPair.tcp();
        Fds.Pipe pipe = Fds.pipe(65536)) {
      assertThat(Fds.splice(pair.server(), pipe.writeEnd(), 1)).isEqualTo(-Errno.EAGAIN);
      assertThat(Fds.splice(pipe.readEnd(), pair.server(), 1)).isEqualTo(-Errno.EAGAIN);
      Sockets.shutdownWrite(pair.client());
      long end =
          await(() -> Fds.splice(pair.server(), pipe.writeEnd(), 1), n -> n != -Errno.EAGAIN);
      assertThat(end).isZero();
    }
  }

  @Test
  void spliceIntoASocketThatIsFullSaysEagain() throws Exception {
    try (SocketPair pair = SocketPair.tcp();
        Fds.Pipe pipe = Fds.pipe(65536)) {
      long last = 1;
      while (last > 0) {
        Fds.write(pipe.writeEnd(), buffer);
        last = Fds.splice(pipe.readEnd(), pair.server(), 65536);
      }
      assertThat(last).isEqualTo(-Errno.EAGAIN);
    }
  }

  @Test
  void theLimitIsTheSoftOneOfThisProcess() throws Exception {
    String soft =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith("Max open files"))
            .map(line -> line.replaceFirst("Max open files +(\\S+).*", "$1"))
            .findFirst()
            .orElseThrow();
    assertThat(Fds.limit())
        .isEqualTo(soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft));
  }
}
