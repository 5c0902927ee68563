package dev.fid.splice;

import java.util.concurrent.Executor;

/// A task that waits for its turn at most once, however often it is asked for. Belongs to one
/// thread.
final class Coalesced {
  private final Executor turns;
  private final Runnable task;
  private final Runnable run = this::run;
  private boolean waiting;

  /// @param turns runs what it is given later, on the thread to which this belongs
  Coalesced(Executor turns, Runnable task) {
    this.turns = turns;
    this.task = task;
  }

  void ask() {
    if (!waiting) {
      waiting = true;
      turns.execute(run);
    }
  }

  private void run() {
    waiting = false;
    task.run();
  }
}
