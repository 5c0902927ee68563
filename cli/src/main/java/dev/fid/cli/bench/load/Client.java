package dev.fid.cli.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.fid.os.Epoll;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The end that connects, and says which session it is.
abstract class Client extends Side {
  private boolean connected;
  private boolean closing;

  Client(Loop loop, Session session, Tally tally, int fd, int chunk) {
    super(loop, session, tally, fd, session.up(), session.down(), chunk);
  }

  /// Begins to connect; what comes of it goes the way of every event.
  void open(Target target) throws IOException {
    int result = Sockets.connect(fd(), target.name());
    if (result != 0 && result != -Errno.EINPROGRESS) {
      register(Epoll.IN);
      fail("connect to " + target + ": " + Errno.name(-result));
      return;
    }
    register(Epoll.OUT);
  }

  /// The connection stands: the first bytes may go.
  abstract void connected() throws IOException;

  @Override
  public void ready(int events) throws IOException {
    if (connected) {
      super.ready(events);
      return;
    }
    int error = Sockets.error(fd());
    if (error != 0) {
      fail("connect: " + Errno.name(error));
      return;
    }
    connected = true;
    connected();
    if (isOpen()) {
      send();
    }
  }

  /// Sends the session's number, and of the first `length` bytes what follows it.
  final void greet(int length) {
    MemorySegment first = loop.buffer().asSlice(0, Math.max(length, Session.GREETING));
    first.copyFrom(loop.pattern().slice(session.up().base(), first.byteSize()));
    first.set(JAVA_LONG_UNALIGNED, 0, session.id());
    long given = Fds.send(fd(), first);
    if (given < Session.GREETING) {
      fail("send: " + (given < 0 ? Errno.name((int) -given) : "took " + given + " bytes"));
      return;
    }
    alreadySent(given);
  }

  /// Closes the connection in order; the back end is to see an end.
  final void leave() {
    closing = true;
    close();
  }

  @Override
  void ended() {
    if (!closing) {
      fail("the connection ended early, " + session);
    }
  }

  @Override
  final String role() {
    return "client";
  }
}
