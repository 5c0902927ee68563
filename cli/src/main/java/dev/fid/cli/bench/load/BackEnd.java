package dev.fid.cli.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.fid.os.Epoll;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/// Accepts connections at one address, and finds each one's session.
final class BackEnd {
  private static final int BACKLOG = 4096;

  /// Connections that are accepted before others have their turn.
  private static final int TURN = 64;

  private final Target target;
  private final List<Loop> loops;
  private final Map<Long, Session> sessions;
  private final int listener;
  private int next;

  private BackEnd(Target target, List<Loop> loops, Map<Long, Session> sessions, int listener) {
    this.target = target;
    this.loops = loops;
    this.sessions = sessions;
    this.listener = listener;
  }

  /// Listens as long as the process lives.
  static void listen(Target target, List<Loop> loops, Map<Long, Session> sessions)
      throws IOException {
    int listener = target.socket();
    if (target.tcp()) {
      Sockets.setReuseAddress(listener, true);
    }
    Sockets.bind(listener, target.name());
    Sockets.listen(listener, BACKLOG);
    BackEnd backEnd = new BackEnd(target, loops, sessions, listener);
    Loop first = loops.getFirst();
    first.submit(() -> first.add(listener, Epoll.IN, _ -> backEnd.accept()));
  }

  private void accept() throws IOException {
    for (int i = 0; i < TURN; i++) {
      int fd = Sockets.accept(listener);
      if (fd < 0) {
        return;
      }
      if (target.tcp()) {
        Sockets.setNoDelay(fd, true);
      }
      Loop loop = loops.get(next++ % loops.size());
      loop.submit(() -> new Arrival(loop, fd).register());
    }
  }

  /// A connection whose number has not been read yet.
  private final class Arrival implements Handler {
    private final Loop loop;
    private final int fd;
    private int token;
    private int have;
    private long number;

    Arrival(Loop loop, int fd) {
      this.loop = loop;
      this.fd = fd;
    }

    void register() throws IOException {
      token = loop.add(fd, Epoll.IN, this);
    }

    @Override
    public void ready(int events) throws IOException {
      MemorySegment buffer = loop.buffer().asSlice(0, Session.GREETING - have);
      long got = Fds.recv(fd, buffer);
      if (got == -Errno.EAGAIN) {
        return;
      }
      for (int i = 0; i < got; i++) {
        number |= Byte.toUnsignedLong(buffer.get(JAVA_BYTE, i)) << (Byte.SIZE * have++);
      }
      Session session = have < Session.GREETING ? null : sessions.get(number);
      if (session != null) {
        Server server = session.trial().serve(loop, session, fd);
        server.adopt(token, Session.GREETING);
        server.begin();
      } else if (got <= 0 || have == Session.GREETING) {
        // Of an earlier trial, or a number that did not arrive as it was sent: its session misses
        // it.
        loop.forget(token);
        Fds.close(fd);
      }
    }
  }
}
