package dev.fid.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A listening socket that a relay connects to, for any number of runs one after another.
///
/// Between runs, accepted connections wait for [#accept].
public final class BackEnd implements AutoCloseable {
  private static final int BACKLOG = 8192;

  private final ServerSocketChannel listener;
  private final SocketAddress address;
  private final Loop loop;
  private final BlockingQueue<SocketChannel> waiting = new LinkedBlockingQueue<>();
  private volatile Consumer<SocketChannel> handler = waiting::add;

  private BackEnd(ServerSocketChannel listener, SocketAddress address, Loop loop) {
    this.listener = listener;
    this.address = address;
    this.loop = loop;
  }

  /// Listens on a TCP address, where port 0 is a free one, or on a UNIX path, whose old file is
  /// removed.
  public static BackEnd listen(SocketAddress address) throws IOException {
    ServerSocketChannel listener = bind(address);
    BackEnd back = new BackEnd(listener, listener.getLocalAddress(), new Loop("back end"));
    back.loop.execute(
        () -> back.loop.register(listener, SelectionKey.OP_ACCEPT, _ -> back.acceptAll()));
    return back;
  }

  /// Where it listens, with the real port.
  public SocketAddress address() {
    return address;
  }

  /// The next connection, in blocking mode, or null when none comes in time.
  public @Nullable SocketChannel accept(long millis) throws InterruptedException {
    return waiting.poll(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() throws IOException {
    loop.close();
    listener.close();
    for (SocketChannel left = waiting.poll(); left != null; left = waiting.poll()) {
      left.close();
    }
    if (address instanceof UnixDomainSocketAddress unix) {
      Files.deleteIfExists(unix.getPath());
    }
  }

  Loop loop() {
    return loop;
  }

  /// From now on every connection goes to this handler, in the loop's thread.
  void serve(Consumer<SocketChannel> connections) {
    handler = connections;
  }

  void rest() {
    handler = waiting::add;
  }

  private void acceptAll() {
    try {
      for (SocketChannel next = listener.accept(); next != null; next = listener.accept()) {
        noDelay(next);
        handler.accept(next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("accept on " + address, e);
    }
  }

  /// Small writes leave at once where the family would hold them back.
  static void noDelay(SocketChannel channel) throws IOException {
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  private static ServerSocketChannel bind(SocketAddress address) throws IOException {
    boolean unix = address instanceof UnixDomainSocketAddress;
    ServerSocketChannel listener =
        unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
    try {
      if (address instanceof UnixDomainSocketAddress path) {
        Files.deleteIfExists(path.getPath());
      }
      return listener.bind(address, BACKLOG);
    } catch (IOException e) {
      listener.close();
      throw new IOException("listen on " + address, e);
    }
  }
}
