package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/// Reads the records that programs write into a ring, in place; owned by one thread at a time.
///
/// The kernel's side is `kernel/bpf/ringbuf.c`: a page with the consumer's position, a page with
/// the producer's, and the data mapped twice in a row, so that a record is never in two pieces. A
/// record starts with its length and two flags.
public final class RingBuffer implements AutoCloseable {
  private static final VarHandle POSITION = JAVA_LONG.varHandle();
  private static final VarHandle HEADER = JAVA_INT.varHandle();
  private static final int BUSY = 1 << 31;
  private static final int DISCARDED = 1 << 30;
  private static final int HEADER_BYTES = 8;

  private final int fd;
  private final Arena arena;
  private final MemorySegment consumer;
  private final MemorySegment producer;
  private final MemorySegment data;
  private final long mask;

  RingBuffer(BpfMap map) throws BpfException {
    int page = KernelMemory.pageSize();
    long size = map.maxEntries();
    fd = map.fd();
    mask = size - 1;
    arena = Arena.ofShared();
    try {
      consumer = KernelMemory.map(map, 0, page, KernelMemory.READ_WRITE, arena);
      producer =
          KernelMemory.map(map, page, page + 2 * size, KernelMemory.READ, arena).asReadOnly();
    } catch (BpfException e) {
      arena.close();
      throw e;
    }
    data = producer.asSlice(page);
  }

  /// Readable (EPOLLIN) while records wait. Owned by the object that the ring came from.
  public int fd() {
    return fd;
  }

  /// Hands over every record that is there and gives how many there were. A record is valid during
  /// its call only; one that throws counts as read.
  public int drain(Consumer<MemorySegment> record) {
    // The kernel wakes a reader only for a record that the reader had caught up with
    // (bpf_ringbuf_commit): so its position is out before it looks at the writer's.
    long position = (long) POSITION.get(consumer, 0L);
    int drained = 0;
    while (position < (long) POSITION.getVolatile(producer, 0L)) {
      long at = position & mask;
      int header = (int) HEADER.getAcquire(data, at);
      if ((header & BUSY) != 0) {
        break;
      }
      int length = header & ~DISCARDED;
      position += KernelMemory.roundUp((long) length + HEADER_BYTES, Long.BYTES);
      try {
        if ((header & DISCARDED) == 0) {
          drained++;
          record.accept(data.asSlice(at + HEADER_BYTES, length));
        }
      } finally {
        POSITION.setVolatile(consumer, 0L, position);
      }
    }
    return drained;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
