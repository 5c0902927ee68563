package dev.fid.cli;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.pipe.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A server that sends back what it gets, on a TCP port of the loopback and on a UNIX path of its
/// own.
final class EchoBackend implements AutoCloseable {
  private static final int BUFFER = 256 << 10;

  private final Path folder;
  private final ServerSocketChannel tcp;
  private final ServerSocketChannel unix;
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

  private EchoBackend(Path folder, ServerSocketChannel tcp, ServerSocketChannel unix) {
    this.folder = folder;
    this.tcp = tcp;
    this.unix = unix;
  }

  @MustBeClosed
  static EchoBackend start() throws IOException {
    Path folder = Files.createTempDirectory("fid-demo-");
    ServerSocketChannel tcp =
        listen(
            ServerSocketChannel.open(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    ServerSocketChannel unix =
        listen(
            ServerSocketChannel.open(StandardProtocolFamily.UNIX),
            UnixDomainSocketAddress.of(folder.resolve("echo.sock")));
    EchoBackend backend = new EchoBackend(folder, tcp, unix);
    Thread.ofPlatform().daemon().start(() -> backend.accept(tcp));
    Thread.ofPlatform().daemon().start(() -> backend.accept(unix));
    return backend;
  }

  private static ServerSocketChannel listen(ServerSocketChannel channel, SocketAddress address)
      throws IOException {
    try {
      return channel.bind(address);
    } catch (IOException e) {
      channel.close();
      throw new IOException("demo: listen on " + address + ": " + e.getMessage(), e);
    }
  }

  Address tcp() throws IOException {
    InetSocketAddress address = (InetSocketAddress) tcp.getLocalAddress();
    return new Address.Tcp(address.getAddress().getHostAddress(), address.getPort());
  }

  Address unix() {
    return new Address.Unix(folder.resolve("echo.sock").toString());
  }

  private void accept(ServerSocketChannel listener) {
    try {
      while (true) {
        SocketChannel connection = listener.accept();
        connections.add(connection);
        Thread.ofPlatform().daemon().start(() -> echo(connection));
      }
    } catch (IOException e) {
      // Closed: the demo is over.
    }
  }

  private void echo(SocketChannel connection) {
    try (connection) {
      if (connection.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
        connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      while (connection.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          connection.write(buffer);
        }
      }
    } catch (IOException e) {
      // The client has gone; it knows what it missed.
    } finally {
      connections.remove(connection);
    }
  }

  @Override
  public void close() throws IOException {
    tcp.close();
    unix.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
    Files.deleteIfExists(folder.resolve("echo.sock"));
    Files.deleteIfExists(folder);
  }
}
