package dev.fid.splice;

import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two endpoints that belong to a loop, joined in one way or another: how that begins and ends.
///
/// Runs on its loop; a [SpliceHandle] for others.
abstract sealed class Joined implements SpliceHandle permits Splice, Session {
  private static final Logger LOG = LoggerFactory.getLogger(Joined.class);
  private static final Outcome LIVE = new Outcome.Live();
  private static final Outcome COMPLETED = new Outcome.Completed();
  private static final Outcome UNDONE = new Outcome.Undone();

  private final SpliceLoop loop;
  private final SpliceOptions options;
  private final CompletableFuture<SpliceStats> closed = new CompletableFuture<>();
  private final CompletableFuture<Unspliced> undone = new CompletableFuture<>();
  private volatile Outcome outcome = LIVE;
  private @Nullable Undoing undoing;

  /// What takes it apart while it is live.
  interface Undoing {
    void begin();

    /// What was received on the first socket and not given to the second.
    List<ByteBuffer> fromFirst();

    List<ByteBuffer> fromSecond();

    /// It has ended: gives back what the undoing held.
    default void close() {}
  }

  Joined(SpliceLoop loop, SpliceOptions options) {
    this.loop = loop;
    this.options = options;
  }

  final SpliceLoop loop() {
    return loop;
  }

  final SpliceOptions options() {
    return options;
  }

  abstract Leg first();

  abstract Leg second();

  /// Begins; on the loop.
  final void start() {
    if (!isLive()) {
      return;
    }
    loop.remember(this);
    if (options.ancillary() == Ancillary.RELAY) {
      Sockets.setPassCredentials(first().descriptor(), true);
      Sockets.setPassCredentials(second().descriptor(), true);
    }
    try {
      first().register();
      second().register();
      begin();
    } catch (IOException | RuntimeException e) {
      abort("start: " + e.getMessage());
    }
  }

  /// Starts the lanes.
  abstract void begin();

  final boolean isLive() {
    return outcome instanceof Outcome.Live;
  }

  final Outcome outcome() {
    return outcome;
  }

  /// The kernel would not take this lane's sockets: it is relayed, or that is the end.
  final void relayed(Object lane, String reason, boolean allowed) {
    LOG.debug("{}: relayed: {}", lane, reason);
    if (!allowed && options.onUnsupported() == OnUnsupported.REFUSE) {
      abort(lane + ": " + reason + ", and on_unsupported is refuse");
    }
  }

  /// There is nothing more to come.
  final void completed() {
    end(COMPLETED);
  }

  /// Both sockets have left their maps, and what was on its way is where it belongs.
  final void undone() {
    end(UNDONE);
  }

  /// Ends it for this reason: bytes on their way are dropped, and TCP peers are reset. On the loop.
  final void abort(String reason) {
    if (isLive()) {
      LOG.debug("{}: {}", this, reason);
      end(new Outcome.Aborted(reason));
    }
  }

  /// Whether a socket may still be open when it has ended.
  final boolean outlived() {
    return outcome.equals(UNDONE)
        || first().custody() instanceof Custody.Lent
        || second().custody() instanceof Custody.Lent;
  }

  private void end(Outcome how) {
    if (!isLive()) {
      return;
    }
    outcome = how;
    release();
    // Not before the loop has handled all events of this turn: an event for a descriptor that is
    // closed and opened again meanwhile would reach its new owner.
    loop.execute(() -> {
      Undoing by = undoing;
      first().end(how, by == null ? List.of() : by.fromFirst());
      second().end(how, by == null ? List.of() : by.fromSecond());
      loop.forget(this);
      closed.complete(stats());
      if (by != null) {
        by.close();
        answer(by);
      }
    });
  }

  /// Gives back what the lanes hold.
  abstract void release();

  private void answer(Undoing by) {
    if (outcome.equals(UNDONE)) {
      undone.complete(new Unspliced(by.fromFirst(), by.fromSecond(), stats()));
    } else {
      undone.completeExceptionally(tooLate());
    }
  }

  private IOException tooLate() {
    return new IOException("unsplice: the splice has ended: " + outcome);
  }

  @Override
  public final CompletionStage<SpliceStats> closed() {
    return closed.minimalCompletionStage();
  }

  @Override
  public final CompletionStage<Unspliced> unsplice() {
    loop.run(this::undo);
    return undone.minimalCompletionStage();
  }

  private void undo() {
    if (!isLive()) {
      undone.completeExceptionally(tooLate());
    } else if (undoing == null) {
      try {
        Undoing begun = undoing();
        undoing = begun;
        begun.begin();
      } catch (IOException e) {
        undone.completeExceptionally(e);
      }
    }
  }

  /// @throws IOException why it cannot be undone
  abstract Undoing undoing() throws IOException;

  final boolean isBeingUndone() {
    return undoing != null;
  }

  @Override
  public final void close() {
    loop.execute(() -> abort("closed by the application"));
  }
}
