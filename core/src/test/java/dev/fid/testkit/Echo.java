package dev.fid.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;

/// A back end that sends back whatever it receives, then the EOF.
public final class Echo implements AutoCloseable {
  private final BackEnd back;
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();

  private Echo(BackEnd back) {
    this.back = back;
  }

  public static Echo listen(SocketAddress address) throws IOException {
    Echo echo = new Echo(BackEnd.listen(address));
    echo.back.serve(echo::accepted);
    return echo;
  }

  public SocketAddress address() {
    return back.address();
  }

  /// Connections that it has ever accepted.
  public int accepted() {
    return accepted.get();
  }

  /// Connections that are open now.
  public int open() {
    return open.get();
  }

  @Override
  public void close() throws IOException {
    back.close();
  }

  private void accepted(SocketChannel channel) {
    accepted.incrementAndGet();
    open.incrementAndGet();
    back.loop().register(channel, SelectionKey.OP_READ, new Talk(channel));
  }

  private final class Talk implements Loop.Handler {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final SocketChannel channel;

    /// What the socket has not taken: nothing more is read before it has.
    private ByteBuffer rest = NONE;

    Talk(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public void ready(SelectionKey key) {
      try {
        if (key.isWritable()) {
          channel.write(rest);
        } else if (!read()) {
          end();
          return;
        }
        boolean blocked = rest.hasRemaining();
        key.interestOps(blocked ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
      } catch (IOException _) {
        // The client has reset the connection; whoever drives it knows whether it should have.
        end();
      }
    }

    private boolean read() throws IOException {
      ByteBuffer buffer = back.loop().buffer();
      if (channel.read(buffer) < 0) {
        return false;
      }
      channel.write(buffer.flip());
      rest =
          buffer.hasRemaining() ? ByteBuffer.allocate(buffer.remaining()).put(buffer).flip() : NONE;
      return true;
    }

    private void end() {
      open.decrementAndGet();
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException("close an echo", e);
      }
    }
  }
}
