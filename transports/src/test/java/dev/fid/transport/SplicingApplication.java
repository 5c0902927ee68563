package dev.fid.transport;

import dev.fid.Fid;
import dev.fid.splice.Party;
import dev.fid.splice.SpliceOptions;
import dev.fid.splice.SpliceStats;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/// An application that accepts and connects by itself, splices the two, and closes its channels
/// when that has ended.
public final class SplicingApplication implements AutoCloseable {
  private final Fid fid;
  private final Closeable listener;
  private final Queue<SpliceStats> ended = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  public SplicingApplication(
      Fid fid,
      Closeable listener,
      Callable<SocketChannel> accept,
      Callable<SocketChannel> connect,
      Function<SocketChannel, Party> party,
      SpliceOptions options) {
    this.fid = fid;
    this.listener = listener;
    Thread.ofPlatform().daemon().start(() -> run(accept, connect, party, options));
  }

  private void run(
      Callable<SocketChannel> accept,
      Callable<SocketChannel> connect,
      Function<SocketChannel, Party> party,
      SpliceOptions options) {
    while (true) {
      SocketChannel client;
      SocketChannel server;
      try {
        client = accept.call();
        server = connect.call();
      } catch (Exception closed) {
        return;
      }
      fid.splice(party.apply(client), party.apply(server), options)
          .thenCompose(splice -> splice.closed().thenAccept(ended::add))
          .whenComplete((_, failure) -> {
            if (failure != null) {
              failures.add(failure);
            }
            close(client);
            close(server);
          });
    }
  }

  private void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      failures.add(e);
    }
  }

  /// The counters of the splices that have ended.
  public Queue<SpliceStats> ended() {
    return ended;
  }

  public Queue<Throwable> failures() {
    return failures;
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
