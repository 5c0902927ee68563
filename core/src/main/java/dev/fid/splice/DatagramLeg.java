package dev.fid.splice;

import dev.fid.os.Datagram;
import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.Parcel;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import io.netty.channel.epoll.EpollIoOps;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One endpoint of a session: a socket of messages, or the stream that a session joins with one.
final class DatagramLeg extends Leg {
  private final Session session;
  private final ArrayDeque<ByteBuffer> head;
  private final Outlet outlet;
  private boolean filtered;
  private long drops;

  DatagramLeg(Session session, Custody custody) {
    super(session, custody);
    this.session = session;
    head = new ArrayDeque<>(custody.head());
    outlet = new Outlet(endpoint, session.loop());
    drops = custody instanceof Custody.Lent ? Math.max(0, Sockets.drops(endpoint.fd())) : 0;
  }

  Family family() {
    return endpoint.family();
  }

  boolean isDatagram() {
    return endpoint.family().isDatagram();
  }

  boolean keepsBoundaries() {
    return endpoint.family().keepsBoundaries();
  }

  /// A datagram that came before the session, or by another socket, or null.
  byte @Nullable [] early() {
    ByteBuffer first = head.poll();
    if (first != null) {
      byte[] bytes = new byte[first.remaining()];
      first.duplicate().get(bytes);
      return bytes;
    }
    Arrivals arrivals = endpoint.arrivals();
    return arrivals == null ? null : arrivals.poll();
  }

  /// What came before the session and was not carried, which will not be any more.
  List<ByteBuffer> takeHead() {
    List<ByteBuffer> rest = List.copyOf(head);
    head.clear();
    return rest;
  }

  /// Receives the next message: its length, [Datagram#END], or -errno.
  long receive(Datagram datagram) {
    return isDatagram() ? datagram.receive(descriptor()) : datagram.receiveWhole(descriptor());
  }

  /// Receives the next bytes of a stream: how many, 0 at its end, or -errno.
  long receive(MemorySegment room) {
    ByteBuffer first = head.poll();
    if (first == null) {
      return Fds.recv(endpoint.fd(), room);
    }
    ByteBuffer rest = first.slice();
    int taken = (int) Math.min(rest.remaining(), room.byteSize());
    room.asSlice(0, taken).copyFrom(MemorySegment.ofBuffer(rest.slice(0, taken)));
    if (taken < rest.remaining()) {
      head.addFirst(rest.position(taken).slice());
    }
    return taken;
  }

  @Nullable Arrivals arrivals() {
    return endpoint.arrivals();
  }

  /// Whether it may have what is another client's.
  boolean mayStray() {
    Arrivals arrivals = endpoint.arrivals();
    return arrivals != null && arrivals.mayStray();
  }

  /// Nothing is queued.
  void dry() {
    Arrivals arrivals = endpoint.arrivals();
    if (arrivals != null) {
      arrivals.dry();
    }
  }

  /// Whether it is this session that reads the socket.
  boolean isReadable() {
    return !(endpoint.shared() instanceof Shared.Sender);
  }

  /// Whether others have to do with its socket, or other sockets with it.
  boolean isShared() {
    return endpoint.shared() != null || endpoint.arrivals() != null;
  }

  /// Set where it shares its socket with senders that have an address.
  Shared.@Nullable Receiver receiver() {
    return endpoint.shared() instanceof Shared.Receiver receiver ? receiver : null;
  }

  /// Whether the loop tells when it can be sent to: not of a socket that has many peers.
  boolean isWatched() {
    return isRegistered();
  }

  long cookie() {
    try {
      return Sockets.cookie(endpoint.fd());
    } catch (OsException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Has the verdict program see who receives here: 0, or -errno.
  int noteReceiver(DatagramMaps maps) {
    return filtered(maps.noteReceiver(endpoint.fd()));
  }

  /// Has what comes from now on caught: 0, or -errno.
  int catchArrivals(DatagramMaps maps) {
    return filtered(maps.catchFrom(endpoint.fd()));
  }

  private int filtered(int result) {
    filtered |= result == 0;
    return result;
  }

  /// Skbs that were caught and that the socket has counted as dropped: unix_dgram_sendmsg() does
  /// not count what a filter drops.
  long caught(DatagramSlot slot) {
    return endpoint.family() == Family.UDP ? slot.counter(DatagramLayout.CAUGHT_SKBS) : 0;
  }

  /// Takes off the filter that was put on.
  void release() {
    if (filtered) {
      filtered = false;
      Sockets.detachFilter(endpoint.fd());
    }
  }

  /// Sends what the socket takes, a datagram whole or not: bytes, or -errno.
  long send(MemorySegment bytes) {
    return switch (endpoint.shared()) {
      case null -> {
        long sent = Fds.send(endpoint.fd(), bytes);
        yield outlet.fitsNow(sent, bytes.byteSize()) ? Fds.send(endpoint.fd(), bytes) : sent;
      }
      case Shared.Sender(SocketName name) ->
          session.loop().datagram().send(endpoint.fd(), bytes, name);
      // Nobody can be answered.
      case Shared.Receiver _ -> -Errno.ENOTCONN;
    };
  }

  /// The same with what came with them.
  long send(Parcel parcel) {
    long sent = parcel.send(endpoint.fd());
    return outlet.fitsNow(sent, parcel.held()) ? parcel.send(endpoint.fd()) : sent;
  }

  Outlet outlet() {
    return outlet;
  }

  @Override
  void register() throws IOException {
    if (isReadable()) {
      super.register();
    }
  }

  @Override
  void happened(EpollIoOps events) {
    if (events.contains(EpollIoOps.EPOLLERR) && !checkError()) {
      return;
    }
    if (!isDatagram() && (events.contains(EpollIoOps.EPOLLRDHUP) || events.contains(HUP))) {
      session.streamEnded(this, events.contains(HUP));
    }
    if (events.contains(EpollIoOps.EPOLLIN)) {
      session.laneFrom(this).move();
    }
    if (events.contains(EpollIoOps.EPOLLOUT)) {
      session.laneTo(this).move();
    }
  }

  /// Asks a socket for its error; whether the session goes on. A parser that stops leaves EAGAIN,
  /// or nothing where a send has taken that.
  private boolean checkError() {
    int error = takeError();
    return (!isDatagram() && (error == 0 || error == Errno.EAGAIN)) || failed(error);
  }

  /// The error that waits on the socket, or 0. Where a parser stops, the worker of the other lane
  /// may be sending.
  int takeError() {
    return endpoint.family() == Family.TCP && !session.isConnected()
        ? Sockets.errorUnderLock(endpoint.fd())
        : Sockets.error(endpoint.fd());
  }

  /// The socket has an error; whether the session goes on. One of UDP says that nobody received,
  /// and somebody may the next time.
  boolean failed(int error) {
    switch (endpoint.family()) {
      case UDP -> session.unreachable(this);
      case UNIX_DATAGRAM -> {
        if (receiver() == null) {
          session.receiverGone();
        }
      }
      case TCP, UNIX_STREAM, UNIX_SEQPACKET, VSOCK -> {
        boolean closed =
            switch (endpoint.family()) {
              case UNIX_STREAM ->
                  error == Errno.ECONNRESET || (error == Errno.EPIPE && session.isConnected());
              case UNIX_SEQPACKET -> error == Errno.ECONNRESET || error == Errno.EPIPE;
              case VSOCK -> error == Errno.EPIPE;
              case TCP, UDP, UNIX_DATAGRAM -> false;
            };
        if (closed) {
          session.streamEnded(this, true);
        } else {
          session.abort(this + ": " + Errno.name(error) + " (" + Errno.text(error) + ")");
        }
      }
    }
    return session.isLive();
  }

  /// Skbs that the kernel has dropped on this socket since this was asked last.
  long newDrops() {
    long before = drops;
    drops = Math.max(before, Sockets.drops(endpoint.fd()));
    return drops - before;
  }

  /// What is queued, in some measure: 0 when nothing is.
  long queued() {
    return switch (endpoint.family()) {
      case UDP -> Sockets.receiveMemory(endpoint.fd());
      case VSOCK -> VsockSource.queued(endpoint.fd());
      case TCP, UNIX_STREAM, UNIX_DATAGRAM, UNIX_SEQPACKET -> Sockets.queued(endpoint.fd());
    };
  }

  /// Tells the peer of a UNIX connection that nothing more is taken: EPIPE.
  void shutdownRead() {
    Sockets.shutdownRead(endpoint.fd());
  }

  @Override
  void end(Outcome outcome, List<ByteBuffer> unread) {
    release();
    super.end(outcome, unread);
    Arrivals arrivals = endpoint.arrivals();
    if (arrivals != null
        && custody() instanceof Custody.Given
        && !(outcome instanceof Outcome.Undone)) {
      arrivals.close();
    }
  }
}
