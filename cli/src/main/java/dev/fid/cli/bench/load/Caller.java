package dev.fid.cli.bench.load;

import java.io.IOException;

/// Sends requests and waits for their answers.
///
/// As a closed loop it sends the next when the last is answered; as an open one, whenever it is
/// told to, and answers come in order.
final class Caller extends Client implements Pacer.Callee {
  static final long NO_LIMIT = Long.MAX_VALUE;

  /// Requests that may wait for their answers, by an open loop.
  private static final int OUTSTANDING = 1 << 16;

  private final int size;
  private final long limit;
  private final boolean paced;
  private final long[] due;
  private long issued;
  private long answered;
  private boolean stopped;

  /// @param limit how many it sends
  /// @param paced an open loop, after the first request
  Caller(Loop loop, Session session, Tally tally, int fd, int size, long limit, boolean paced) {
    super(loop, session, tally, fd, size);
    this.size = size;
    this.limit = limit;
    this.paced = paced;
    due = new long[paced ? OUTSTANDING : 1];
  }

  @Override
  void connected() {
    issue(System.nanoTime());
    greet(size);
  }

  /// Sends a request that was due at a time.
  @Override
  public void call(long time) throws IOException {
    if (!isOpen() || stopped) {
      return;
    }
    if (issued - answered == due.length) {
      fail(due.length + " requests wait for their answers: the rate is beyond what it carries");
      return;
    }
    issue(time);
    send();
  }

  private void issue(long time) {
    due[(int) (issued % due.length)] = time;
    issued++;
    allow(issued * size);
  }

  @Override
  void progressed() {
    while (answered < issued && received() >= (answered + 1) * size) {
      long now = System.nanoTime();
      tally.completed(due[(int) (answered % due.length)], now);
      answered++;
      if (answered == 1) {
        session.trial().established();
      }
      if (answered == limit) {
        stop();
        session.trial().satisfied(this);
      } else if (!paced && !stopped) {
        issue(now);
      }
    }
  }

  @Override
  void stop() {
    stopped = true;
    session.up().endsAt(issued * size);
    session.down().endsAt(issued * size);
  }
}
