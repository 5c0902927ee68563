package dev.fid.cli.bench.load;

import dev.fid.os.Epoll;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// One end of a connection: sends the pattern as far as it may, and checks what it receives.
///
/// Of its loop's thread. Owns its descriptor.
abstract class Side implements Handler {
  /// How much is sent before others have their turn.
  private static final int TURN = 512 << 10;

  private static final int TURN_CALLS = 64;

  protected final Loop loop;
  protected final Session session;
  protected final Tally tally;
  private final int fd;
  private final Flow out;
  private final Flow in;
  private final int chunk;
  private int token;
  private int interest;
  private boolean open = true;
  private long sent;
  private long received;
  private long allowed;

  /// @param chunk bytes of one call of send(2) at most
  Side(Loop loop, Session session, Tally tally, int fd, Flow out, Flow in, int chunk) {
    this.loop = loop;
    this.session = session;
    this.tally = tally;
    this.fd = fd;
    this.out = out;
    this.in = in;
    this.chunk = chunk;
  }

  /// Some of what was expected has come.
  void progressed() throws IOException {}

  /// The peer has ended its direction.
  abstract void ended() throws IOException;

  /// Sends no more than it must to leave nothing half done.
  abstract void stop() throws IOException;

  final void register(int firstInterest) throws OsException {
    interest = firstInterest;
    token = loop.add(fd, interest, this);
  }

  /// Takes over the descriptor of a back end's arrival, whose first bytes have been read.
  final void adopt(int arrivalToken, int alreadyReceived) {
    interest = Epoll.IN;
    token = arrivalToken;
    loop.replace(token, this);
    received = alreadyReceived;
    in.received(alreadyReceived);
  }

  final long received() {
    return received;
  }

  final long sent() {
    return sent;
  }

  /// Has sent so many bytes of another buffer.
  final void alreadySent(long bytes) {
    sent = bytes;
  }

  /// The position up to which it sends.
  final void allow(long position) {
    allowed = position;
  }

  final int fd() {
    return fd;
  }

  @Override
  public void ready(int events) throws IOException {
    if ((events & (Epoll.IN | Epoll.HUP | Epoll.ERR)) != 0) {
      receive();
    }
    if (open) {
      send();
    }
  }

  private void receive() throws IOException {
    MemorySegment buffer = loop.buffer();
    long got = Fds.recv(fd, buffer);
    if (got > 0) {
      long wrong = loop.pattern().mismatch(buffer, got, in.base() + received);
      if (wrong >= 0) {
        fail("byte " + (received + wrong) + " is wrong");
        return;
      }
      received += got;
      in.received(got);
      tally.received(got);
      progressed();
    } else if (got == 0) {
      ended();
    } else if (got != -Errno.EAGAIN && got != -Errno.EINTR) {
      fail("recv: " + Errno.name((int) -got));
    }
  }

  final void send() throws IOException {
    int calls = Math.clamp(TURN / chunk, 1, TURN_CALLS);
    while (sent < allowed && calls-- > 0) {
      long length = Math.min(chunk, allowed - sent);
      long given = Fds.send(fd, loop.pattern().slice(out.base() + sent, length));
      if (given < 0) {
        if (given == -Errno.EAGAIN || given == -Errno.EINTR) {
          break;
        }
        fail("send: " + Errno.name((int) -given));
        return;
      }
      sent += given;
    }
    want(sent < allowed ? Epoll.IN | Epoll.OUT : Epoll.IN);
  }

  private void want(int events) throws OsException {
    if (interest != events) {
      interest = events;
      loop.modify(fd, events, token);
    }
  }

  final void fail(String what) {
    if (open) {
      session.trial().fault(session, role() + ": " + what);
      close();
    }
  }

  abstract String role();

  final boolean isOpen() {
    return open;
  }

  final void close() {
    if (open) {
      open = false;
      loop.forget(token);
      Fds.close(fd);
    }
  }
}
