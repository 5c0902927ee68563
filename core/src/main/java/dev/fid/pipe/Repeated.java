package dev.fid.pipe;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/// Warns of a failure that may come a thousand times a second: at most once in ten seconds, with how often it came.
final class Repeated {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Logger log;
  private final String who;
  private long lastSaid = System.nanoTime() - PAUSE_NANOS;
  private long unsaid;

  Repeated(Logger log, String who) {
    this.log = log;
    this.who = who;
  }

  synchronized void say(String what) {
    long now = System.nanoTime();
    if (now - lastSaid < PAUSE_NANOS) {
      unsaid++;
      return;
    }
    if (unsaid > 0) {
      log.warn("{}: {} (and {} more since the last of these lines)", who, what, unsaid);
    } else {
      log.warn("{}: {}", who, what);
    }
    lastSaid = now;
    unsaid = 0;
  }
}
