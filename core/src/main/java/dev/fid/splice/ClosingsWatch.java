package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.fid.bpf.RingBuffer;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears from programs in the kernel of which lanes they speak: whose gate has shut, whose source
/// was paused or has stopped.
final class ClosingsWatch implements EpollIoHandle {
  private static final Logger LOG = LoggerFactory.getLogger(ClosingsWatch.class);

  private final RingBuffer ring;
  private final FileDescriptor descriptor;
  private final Consumer<MemorySegment> announce;

  /// @param announced is told the slot, on the loop
  ClosingsWatch(RingBuffer ring, IntConsumer announced) {
    this.ring = ring;
    this.descriptor = new FileDescriptor(ring.fd());
    this.announce = slot -> announced.accept(slot.get(JAVA_INT, 0));
  }

  /// From any thread, also the loop's own.
  void register(IoEventLoop loop) {
    loop.register(this)
        .addListener((Future<IoRegistration> registered) -> {
          if (registered.isSuccess()) {
            registered.getNow().submit(EpollIoOps.EPOLLIN);
          } else {
            LOG.error("cannot hear of gates that shut", registered.cause());
          }
        });
  }

  @Override
  public FileDescriptor fd() {
    return descriptor;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    ring.drain(announce);
  }

  /// The loop shuts down; the ring is closed with its maps.
  @Override
  public void close() {}
}
