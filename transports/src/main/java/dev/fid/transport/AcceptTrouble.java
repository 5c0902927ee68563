package dev.fid.transport;

import dev.fid.pipe.Address;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/// Says once that a listener cannot accept, and once that it can again.
///
/// However often accept fails, and however often it comes and goes, there are at most two lines in
/// [#QUIET_NANOS]. Belongs to the listener's loop.
final class AcceptTrouble {
  static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Logger log;
  private final Address address;
  private boolean failing;
  private boolean said;
  private boolean everSaid;
  private long lastSaid;
  private long since;
  private long failures;

  AcceptTrouble(Logger log, Address address) {
    this.log = log;
    this.address = address;
  }

  boolean failing() {
    return failing;
  }

  void failed(int errno, long nanoTime) {
    if (!failing) {
      failing = true;
      failures = 0;
      since = nanoTime;
    }
    failures++;
    if (!said && (!everSaid || nanoTime - lastSaid >= QUIET_NANOS)) {
      said = true;
      everSaid = true;
      lastSaid = nanoTime;
      log.warn(
          "accept on {}: {}; connections wait in the queue",
          address,
          Failure.reason(errno, Failure.commonAdvice(errno)));
    }
  }

  void over(long nanoTime) {
    failing = false;
    if (said) {
      said = false;
      log.warn(
          "accept on {}: goes on again after {} ms and {} failed tries",
          address,
          TimeUnit.NANOSECONDS.toMillis(nanoTime - since),
          failures);
    }
  }
}
