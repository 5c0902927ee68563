package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.fid.bpf.RingBuffer;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// Hears from the verdict program which gates have shut, and which sources were paused, and tells
/// their lanes on their loops.
final class ClosingsWatch implements EpollIoHandle {
  private final SpliceMaps maps;
  private final RingBuffer ring;
  private final FileDescriptor descriptor;
  private final Consumer<MemorySegment> announce = this::announce;

  ClosingsWatch(SpliceMaps maps) {
    this.maps = maps;
    this.ring = maps.closings();
    this.descriptor = new FileDescriptor(ring.fd());
  }

  void register(IoEventLoop loop) {
    IoRegistration registration = loop.register(this).syncUninterruptibly().getNow();
    registration.submit(EpollIoOps.EPOLLIN);
  }

  private void announce(MemorySegment slot) {
    Lane lane = maps.owner(slot.get(JAVA_INT, 0));
    if (lane != null) {
      lane.splice.loop().run(lane::pushedBack);
    }
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
