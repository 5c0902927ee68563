package dev.fid.testkit;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/// Both ends of one connection through a relay, in blocking mode, for tests that do by hand what no
/// [TrafficPlan] does.
public record Wire(SocketChannel client, SocketChannel server) implements AutoCloseable {
  /// Connects and waits for the back end to see it. Nothing else may connect at the same time.
  public static Wire open(SocketAddress front, BackEnd back, Duration patience)
      throws IOException, InterruptedException {
    SocketChannel client = SocketChannel.open(front);
    BackEnd.noDelay(client);
    SocketChannel server = back.accept(Patience.of(patience).toMillis());
    if (server == null) {
      client.close();
      throw new SocketTimeoutException(
          "connected to " + front + ", but nothing reached the back end within " + patience);
    }
    return new Wire(client, server);
  }

  /// Closes a TCP socket so that its peer gets a reset.
  public static void reset(SocketChannel channel) throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
  }

  @Override
  public void close() throws IOException {
    try (client) {
      server.close();
    }
  }
}
