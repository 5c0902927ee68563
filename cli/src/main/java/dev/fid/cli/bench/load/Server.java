package dev.fid.cli.bench.load;

import java.io.IOException;

/// The end that was connected to. It ends when its client does.
sealed class Server extends Side {
  private Server(Loop loop, Session session, Tally tally, int fd, int chunk) {
    super(loop, session, tally, fd, session.down(), session.up(), chunk);
  }

  /// The session is known now, and what came with its number.
  void begin() throws IOException {}

  @Override
  void ended() {
    if (session.up().complete()) {
      close();
      session.trial().gone(session, tally);
    } else {
      fail("the connection ended early, " + session);
    }
  }

  @Override
  void stop() throws IOException {}

  @Override
  final String role() {
    return "back end";
  }

  /// Answers each request with as many bytes.
  static final class Answerer extends Server {
    private final int size;

    Answerer(Loop loop, Session session, Tally tally, int fd, int size) {
      super(loop, session, tally, fd, size);
      this.size = size;
    }

    @Override
    void progressed() {
      allow(received() / size * size);
    }
  }

  /// Only receives.
  static final class Sink extends Server {
    Sink(Loop loop, Session session, Tally tally, int fd) {
      super(loop, session, tally, fd, Pattern.CHUNK);
      session.down().endsAt(0);
    }
  }

  /// Sends as fast as it goes, too.
  static final class BulkServer extends Server {
    BulkServer(Loop loop, Session session, Tally tally, int fd, int chunk) {
      super(loop, session, tally, fd, chunk);
    }

    @Override
    void begin() throws IOException {
      allow(Long.MAX_VALUE);
      send();
    }

    @Override
    void stop() throws IOException {
      allow(sent());
      session.down().endsAt(sent());
      if (isOpen()) {
        send();
      }
    }
  }
}
