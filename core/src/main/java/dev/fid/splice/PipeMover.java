package dev.fid.splice;

import dev.fid.os.Fds;
import dev.fid.os.OsException;

/// Moves with splice(2) through a pipe: no byte is copied to user space.
///
/// Never from a socket that is a source: splice(2) does not see what its verdict passed.
final class PipeMover implements Mover {
  /// Linux gives 64 KiB, with which HAProxy splices; a relay in C with one MiB had 1.8 times its
  /// throughput from TCP into a UNIX socket (docs/kernels.md says how far that goes).
  static final int CAPACITY = 1 << 20;

  private final Fds.Pipe pipe;
  private long held;

  PipeMover() throws OsException {
    pipe = Fds.pipe(CAPACITY);
  }

  @Override
  public long fill(int from) {
    long taken = Fds.splice(from, pipe.writeEnd(), pipe.capacity());
    if (taken > 0) {
      held = taken;
    }
    return taken;
  }

  @Override
  public long flush(int to) {
    long given = Fds.splice(pipe.readEnd(), to, held);
    if (given > 0) {
      held -= given;
    }
    return given;
  }

  @Override
  public long held() {
    return held;
  }

  @Override
  public void close() {
    pipe.close();
  }
}
