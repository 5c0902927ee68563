package dev.fid.splice;

import dev.fid.os.OsException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The pipes and buffers of one loop: bounded, lent to lanes that have bytes in flight, kept for
/// the next.
///
/// Used on its loop only. A lane that gets none is called again when one comes back.
final class MoverPool {
  private final ArrayDeque<PipeMover> pipes = new ArrayDeque<>();
  private final ArrayDeque<BufferMover> buffers = new ArrayDeque<>();
  private final ArrayDeque<Lane> waiting = new ArrayDeque<>();
  private final int maxPipes;
  private final int maxBuffers;
  private int openPipes;
  private int openBuffers;

  MoverPool(int maxPipes, int maxBuffers) {
    this.maxPipes = maxPipes;
    this.maxBuffers = maxBuffers;
  }

  /// A pipe if there is one, else a buffer; null when there is neither, and the lane will be
  /// called.
  @Nullable Mover lend(Lane lane) {
    // vsock has no splice_read of its own: the kernel would allocate a whole pipe for each read
    // (copy_splice_read).
    if (lane.source.isVsock()) {
      return forCopy(lane);
    }
    PipeMover pipe = pipes.pollLast();
    if (pipe != null) {
      return pipe;
    }
    if (openPipes < maxPipes) {
      try {
        pipe = new PipeMover();
        openPipes++;
        return pipe;
      } catch (OsException outOfDescriptors) {
        // A copy is slower and needs no descriptor.
        return forCopy(lane);
      }
    }
    return forCopy(lane);
  }

  private @Nullable Mover forCopy(Lane lane) {
    BufferMover buffer = buffers.pollLast();
    if (buffer != null) {
      return buffer;
    }
    if (openBuffers < maxBuffers) {
      openBuffers++;
      return new BufferMover();
    }
    waiting.add(lane);
    return null;
  }

  /// Takes a mover back; one that still holds bytes is thrown away with them.
  void release(Mover mover) {
    boolean empty = mover.held() == 0;
    switch (mover) {
      case PipeMover pipe when empty -> pipes.add(pipe);
      case BufferMover buffer when empty -> buffers.add(buffer);
      case PipeMover pipe -> {
        pipe.close();
        openPipes--;
      }
      case BufferMover buffer -> {
        buffer.close();
        openBuffers--;
      }
      case HeadMover head -> {
        head.close();
        return;
      }
    }
    Lane next = waiting.poll();
    if (next != null) {
      next.moveSoon();
    }
  }

  void close() {
    pipes.forEach(PipeMover::close);
    buffers.forEach(BufferMover::close);
    pipes.clear();
    buffers.clear();
  }
}
