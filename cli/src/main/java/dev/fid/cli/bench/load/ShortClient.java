package dev.fid.cli.bench.load;

/// Sends a few bytes, and closes at once.
final class ShortClient extends Client {
  private final int size;

  ShortClient(Loop loop, Session session, Tally tally, int fd, int size) {
    super(loop, session, tally, fd, size);
    this.size = size;
  }

  @Override
  void connected() {
    greet(size);
    if (isOpen()) {
      stop();
      leave();
    }
  }

  @Override
  void stop() {
    session.up().endsAt(size);
    session.down().endsAt(0);
  }
}
