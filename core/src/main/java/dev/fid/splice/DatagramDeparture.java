package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// One lane's part in a [SessionUnsplice].
///
/// ```
///   KERNEL -> CATCHING --- no verdict runs ---> evicted, queue read, filter off
///               --- no filter runs ---> CAUGHT --- the target's backlog is empty ---> SETTLED
///   RELAY ----- the target has no part of a message -----^
/// ```
///
/// While a verdict runs its source may not leave the map, and a sender cannot be told to wait. So
/// each datagram that comes meanwhile is taken off the socket by a filter (`catch_datagram`), into
/// user space, where it is in order behind what was queued on the socket. Runs on the loop.
final class DatagramDeparture {
  /// Looks in a row, 5 ms apart, in which no verdict ran for a UNIX source.
  private static final int QUIET_LOOKS = 2;

  /// Errors that wait on a socket, in the place of datagrams, at most.
  private static final int MOST_ERRORS = 16;

  private final SessionUnsplice unsplice;
  private final DatagramLane lane;
  private final List<ByteBuffer> unread = new ArrayList<>();
  private boolean carrying;
  private boolean settled;
  private int quietLooks;
  private boolean noVerdict;
  private long seen = -1;

  DatagramDeparture(SessionUnsplice unsplice, DatagramLane lane) {
    this.unsplice = unsplice;
    this.lane = lane;
  }

  boolean isSettled() {
    return settled;
  }

  /// What was received on the source and not given to the target.
  List<ByteBuffer> unread() {
    return unread;
  }

  void begin(LaneState before) {
    switch (before) {
      case KERNEL -> hold();
      // A verdict may be under way yet.
      case RECOVERING -> afterVerdicts(this::carryOn);
      // A stream that the kernel cuts is not undone (Session).
      case RELAY, PUMP, PAUSED, DRAINING, LEAVING, ENDED -> carryOn();
    }
  }

  private void afterVerdicts(Runnable task) {
    loop()
        .afterVerdicts(
            () -> {
              if (isLeaving()) {
                task.run();
              }
            },
            lane.session()::abort);
  }

  private boolean isLeaving() {
    return lane.state() == LaneState.LEAVING;
  }

  private void carryOn() {
    carrying = true;
    move();
  }

  /// A stream that has been given a part of a message gets the rest.
  void move() {
    if (carrying && isLeaving()) {
      boolean whole = lane.carrier().settle();
      carrying = !whole;
      lane.block(!whole);
      if (whole && isLeaving()) {
        unread.addAll(lane.carrier().unsent());
        awaitBacklog();
      }
    }
  }

  private void hold() {
    caught(); // of a session before, that was aborted
    int result = lane.source.catchArrivals(maps());
    if (result < 0) {
      lane.session().abort("unsplice: a filter for " + lane.source + ": " + Errno.name(-result));
      return;
    }
    afterVerdicts(lane.source.family() == Family.UNIX_DATAGRAM ? this::look : this::evict);
  }

  /// What reaches a UDP socket is in one RCU section from the filter to the end of the verdict. A
  /// UNIX sender is not: where tasks are preempted one may have passed the filter, and not yet come
  /// to the verdict.
  private void look() {
    if (!isLeaving()) {
      return;
    }
    long now = lane.lag().redirectedSkbs() + lane.lag().lag();
    boolean quiet = now == seen;
    seen = now;
    quietLooks = quiet ? quietLooks + 1 : 0;
    noVerdict &= quiet;
    if (quietLooks < QUIET_LOOKS) {
      loop().retry(this::look);
    } else if (noVerdict) {
      evict();
    } else {
      noVerdict = true;
      afterVerdicts(this::look);
    }
  }

  private void evict() {
    lane.enrolment().evictSource();
    readOut();
    lane.source.release();
    afterVerdicts(this::collect);
  }

  /// What lagged behind, or could not be caught.
  private void readOut() {
    Datagram datagram = loop().datagram();
    int errors = 0;
    while (errors < MOST_ERRORS) {
      long length = datagram.receive(lane.source.descriptor());
      if (length == -Errno.EAGAIN) {
        return;
      }
      if (length < 0) {
        errors++;
      } else if (length > datagram.payload().byteSize()) {
        lane.counters().tooLong();
      } else {
        unread.add(ByteBuffer.wrap(datagram.payload().toArray(JAVA_BYTE)));
      }
    }
  }

  private void collect() {
    unread.addAll(caught());
    lane.account();
    awaitBacklog();
  }

  private void awaitBacklog() {
    if (!isLeaving()) {
      return;
    }
    if (lane.enrolment().isPresent() && lane.enrolment().state().backlog() > 0) {
      loop().retry(this::awaitBacklog);
    } else {
      settled = true;
      unsplice.settled();
    }
  }

  private List<ByteBuffer> caught() {
    return maps().caught().take(lane.enrolment().slot().cookie());
  }

  private SpliceLoop loop() {
    return lane.session().loop();
  }

  private DatagramMaps maps() {
    return loop().datagramMaps();
  }
}
