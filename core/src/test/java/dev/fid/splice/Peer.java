package dev.fid.splice;

import static dev.fid.os.SocketPair.await;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The application at one side of a splice: what it sends is a function of the offset, and what it
/// receives must be just that, from the first byte on.
final class Peer {
  private static final int CHUNK = 64 << 10;

  private final SocketPair connection;
  private final MemorySegment outgoing = Arena.ofAuto().allocate(CHUNK);
  private final MemorySegment incoming = Arena.ofAuto().allocate(CHUNK);
  private final MemorySegment expected = Arena.ofAuto().allocate(CHUNK);
  private long sent;
  private long received;

  Peer(SocketPair connection) {
    this.connection = connection;
  }

  int fd() {
    return connection.client();
  }

  long sent() {
    return sent;
  }

  /// Sends what the kernel takes of so many bytes: how many that was.
  long offer(long bytes) {
    long before = sent;
    long given;
    do {
      MemorySegment slice = outgoing.asSlice(0, Math.min(CHUNK, before + bytes - sent));
      fill(slice, sent);
      given = Fds.send(fd(), slice);
      sent += Math.max(0, given);
    } while (given > 0 && sent < before + bytes);
    assertThat(given).as("send").isGreaterThanOrEqualTo(-Errno.EAGAIN).isNotEqualTo(-Errno.EPERM);
    return sent - before;
  }

  /// Sends all of it, however long the kernel takes.
  Peer send(long bytes) {
    long end = sent + bytes;
    await(() -> offer(end - sent), more -> sent == end);
    return this;
  }

  /// Receives just so many, however long they take, and checks each.
  void receive(long bytes) {
    long end = received + bytes;
    while (received < end) {
      MemorySegment wanted = incoming.asSlice(0, Math.min(CHUNK, end - received));
      long got = await(() -> Fds.recv(fd(), wanted), answer -> answer != -Errno.EAGAIN);
      assertThat(got).as("recv after %d bytes of %d", received, end).isPositive();
      check(wanted.asSlice(0, got));
    }
  }

  /// Receives until the end: 0, or -errno.
  long receiveToEnd() {
    while (true) {
      long got = await(() -> Fds.recv(fd(), incoming), answer -> answer != -Errno.EAGAIN);
      if (got <= 0) {
        return got;
      }
      check(incoming.asSlice(0, got));
    }
  }

  long received() {
    return received;
  }

  /// Waits until so many bytes wait to be received.
  void awaitQueued(int bytes) {
    await(() -> Sockets.queued(fd()), queued -> queued >= bytes);
  }

  void endWriting() {
    assertThat(Sockets.shutdownWrite(fd())).isZero();
  }

  void close() {
    connection.closeClient(Fds::close);
  }

  void reset() {
    connection.closeClient(Sockets::reset);
  }

  private void check(MemorySegment got) {
    MemorySegment right = expected.asSlice(0, got.byteSize());
    fill(right, received);
    assertThat(got.mismatch(right)).as("first wrong byte after %d", received).isEqualTo(-1);
    received += got.byteSize();
  }

  private static void fill(MemorySegment slice, long offset) {
    for (long i = 0; i < slice.byteSize(); i++) {
      slice.set(JAVA_BYTE, i, (byte) (((offset + i) * 0x9E3779B97F4A7C15L) >>> 56));
    }
  }
}
