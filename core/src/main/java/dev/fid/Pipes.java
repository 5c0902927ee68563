package dev.fid;

import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The pipes of an application, which start and stop together. Thread safe.
///
/// ```
///   DECLARED --- bind ---> BOUND --- start ---> RUNNING
///       |                    |                     |
///       +-------- stop ------+-------- stop -------+---> STOPPED
/// ```
///
/// A bind that fails leaves them DECLARED, with nothing bound, and may be tried again.
public final class Pipes implements AutoCloseable {
  private enum State {
    DECLARED,
    BOUND,
    RUNNING,
    STOPPED
  }

  private final Fid fid;
  private final List<PipeSpec> specs;
  private State state = State.DECLARED;
  private List<Pipe> bound = List.of();

  /// Does nothing yet. The instance of Fid stays the caller's to close, after the pipes.
  public Pipes(Fid fid, Collection<PipeSpec> specs) {
    this.fid = fid;
    this.specs = List.copyOf(specs);
  }

  /// Binds every listener, or none; clients wait until [#start()].
  ///
  /// @throws IOException that names the pipe that could not be bound, and why
  public synchronized void bind() throws IOException {
    require(state == State.DECLARED, "bind");
    bound = fid.bindAll(specs);
    state = State.BOUND;
  }

  /// Accepts on every pipe, once all of them are bound.
  ///
  /// @throws IOException that names the pipe that could not be bound; none has accepted anything
  public synchronized void start() throws IOException {
    if (state == State.DECLARED) {
      bind();
    }
    require(state == State.BOUND, "start");
    state = State.RUNNING;
    bound.forEach(Pipe::start);
  }

  /// Those that are bound, in the order of their declaration, also after they have stopped.
  public synchronized List<Pipe> bound() {
    return bound;
  }

  /// Stops accepting on every pipe, waits up to `grace` for their connections to end, and then ends
  /// them. Completes when none is left.
  public synchronized CompletionStage<Void> stop(Duration grace) {
    state = State.STOPPED;
    return CompletableFuture.allOf(
            bound.stream()
                .map(pipe -> pipe.stop(grace).toCompletableFuture())
                .toArray(CompletableFuture[]::new))
        .minimalCompletionStage();
  }

  /// Stops accepting and ends every connection now.
  @Override
  public synchronized void close() {
    state = State.STOPPED;
    bound.forEach(Pipe::close);
  }

  private void require(boolean legal, String move) {
    if (!legal) {
      throw new IllegalStateException("cannot " + move + " pipes that are " + state);
    }
  }
}
