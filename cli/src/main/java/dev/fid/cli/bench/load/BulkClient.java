package dev.fid.cli.bench.load;

import java.io.IOException;

/// Sends as fast as it goes.
final class BulkClient extends Client {
  /// @param chunk bytes of a write
  BulkClient(Loop loop, Session session, Tally tally, int fd, int chunk) {
    super(loop, session, tally, fd, chunk);
  }

  @Override
  void connected() {
    greet(Session.GREETING);
    allow(Long.MAX_VALUE);
    session.trial().established();
  }

  @Override
  void stop() throws IOException {
    allow(sent());
    session.up().endsAt(sent());
    if (isOpen()) {
      send();
    }
  }
}
