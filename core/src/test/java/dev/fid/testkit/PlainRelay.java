package dev.fid.testkit;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// A relay of blocking copies, two threads a connection: what the kit itself is tested with.
///
/// A [Tamper] makes it wrong on purpose, in the upstream direction.
final class PlainRelay implements AutoCloseable {
  private final BackEnd front;
  private final SocketAddress back;
  private final Supplier<Tamper> tampers;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  private PlainRelay(BackEnd front, SocketAddress back, Supplier<Tamper> tampers) {
    this.front = front;
    this.back = back;
    this.tampers = tampers;
  }

  @MustBeClosed
  static PlainRelay honest(SocketAddress front, SocketAddress back) throws IOException {
    return tampered(front, back, Tamper::none);
  }

  @MustBeClosed
  static PlainRelay tampered(SocketAddress front, SocketAddress back, Supplier<Tamper> tampers)
      throws IOException {
    PlainRelay relay = new PlainRelay(BackEnd.listen(front), back, tampers);
    relay.front.serve(client -> Thread.ofPlatform().daemon().start(() -> relay.join(client)));
    return relay;
  }

  SocketAddress address() {
    return front.address();
  }

  @Override
  public void close() throws IOException {
    front.close();
    for (SocketChannel channel : open) {
      channel.close();
    }
  }

  private void join(SocketChannel client) {
    open.add(client);
    try (client;
        SocketChannel server = SocketChannel.open(back)) {
      open.add(server);
      BackEnd.noDelay(server);
      Thread down = Thread.ofPlatform().daemon().start(() -> copy(server, client, Tamper.none()));
      copy(client, server, tampers.get());
      down.join();
      open.remove(server);
    } catch (IOException _) {
      // The client sees its connection closed, which is the answer to a dead back end.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private static void copy(SocketChannel from, SocketChannel to, Tamper tamper) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    try {
      while (from.read(buffer.clear()) >= 0) {
        writeAll(to, tamper.pass(buffer.flip()));
      }
      writeAll(to, tamper.atEof());
      if (tamper.forwardsEof()) {
        to.shutdownOutput();
      }
    } catch (IOException _) {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void writeAll(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }
}
