package dev.fid.pipe;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;

/// Gets connected sockets of one family; found by [java.util.ServiceLoader] or bound in Guice.
public interface Transport {
  Family family();

  /// Binds and listens, and accepts nothing until the listener is started.
  ///
  /// @throws IOException that says what was tried, why it failed and what to do
  @MustBeClosed
  Listener listen(Address address, ListenOptions options) throws IOException;

  /// Connects without blocking, and calls the handler once, on the loop.
  ///
  /// Must be called on the loop. `timeout` bounds everything: name lookup, every address of the
  /// name, a listener that is slow to accept.
  void connect(Address address, Duration timeout, IoEventLoop loop, ConnectHandler handler);

  /// A bound socket.
  interface Listener extends AutoCloseable {
    /// Where it listens, with the port that was really bound.
    Address address();

    /// The bound socket; stays the listener's.
    int descriptor();

    /// Datagrams dropped before they had a session: the queue was full, or no session could be
    /// opened.
    default long dropped() {
      return 0;
    }

    /// Accepts on the loop from now on. Called once.
    void start(IoEventLoop loop, AcceptHandler handler);

    /// Stops accepting and closes the socket; sockets already accepted live on. From any thread,
    /// and more than once.
    @Override
    void close();
  }

  /// Takes accepted sockets, on the listener's loop.
  interface AcceptHandler {
    /// The callee owns the descriptor.
    void accepted(Endpoint endpoint);
  }

  /// Learns how a connect ended, on its loop.
  interface ConnectHandler {
    /// This socket is about to be connected; it stays the caller's.
    default void connecting(int fd) {}

    /// The callee owns the descriptor.
    void connected(Endpoint endpoint);

    /// The reason names the address, what was tried and why it failed.
    void failed(IOException reason);
  }
}
