package dev.fid.transport.unix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.fid.os.Datagram;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.pipe.Address;
import dev.fid.pipe.Transport;
import dev.fid.splice.Arrivals;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import dev.fid.splice.Shared;
import dev.fid.transport.DatagramListener;
import dev.fid.transport.Failure;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Many senders into one UNIX datagram socket.
///
/// Senders without an address (of syslog, of statsd) cannot be answered: they have one session
/// together, which reads the socket itself while it lives, in the kernel if that can be. A sender
/// that has an address has a session of its own, and its answers go there.
final class UnixDatagramListener extends DatagramListener {
  private static final Logger LOG = LoggerFactory.getLogger(UnixDatagramListener.class);

  private final UnixFileSocket bound;
  private final Map<SocketName, Arrivals> sessions = new ConcurrentHashMap<>();

  @GuardedBy("this") private @Nullable Detour detour;

  /// Takes ownership of the descriptor.
  UnixDatagramListener(UnixFileSocket bound, Address.UnixDatagram address) {
    super(bound.fd(), address);
    this.bound = bound;
  }

  @Override
  protected void received(Datagram datagram, Transport.AcceptHandler handler) {
    try {
      if (datagram.hasSender()) {
        deliver(datagram.sender(), datagram.payload(), handler);
      } else {
        handOver(datagram.payload(), handler);
      }
    } catch (OsException e) {
      failed(e);
    }
  }

  private void failed(OsException e) {
    undelivered();
    LOG.warn(
        "session on {}: {}", address(), Failure.reason(e.errno(), Failure.commonAdvice(e.errno())));
  }

  private void deliver(SocketName sender, MemorySegment payload, Transport.AcceptHandler handler)
      throws OsException {
    Arrivals present = sessions.get(sender);
    if (present != null && present.offer(payload)) {
      return;
    }
    Arrivals arrivals = new Arrivals(() -> forget(sender));
    int fd = Fds.duplicate(descriptor());
    sessions.put(sender, arrivals);
    arrivals.offer(payload);
    handler.accepted(new Endpoint(Family.UNIX_DATAGRAM, fd, arrivals, new Shared.Sender(sender)));
  }

  private void forget(SocketName sender) {
    sessions.computeIfPresent(sender, (_, arrivals) -> arrivals.isClosed() ? null : arrivals);
  }

  /// From here on the new session reads the socket, and this listener only what takes the detour.
  private void handOver(MemorySegment payload, Transport.AcceptHandler handler) throws OsException {
    Detour way = detour(handler);
    int fd = Fds.duplicate(descriptor());
    pause();
    Arrivals arrivals = new Arrivals(this::resume);
    arrivals.offer(payload);
    Shared.Others others =
        (sender, theirs) -> {
          byte[] copy = theirs.toArray(JAVA_BYTE);
          execute(() -> deliverCopy(sender, copy, handler));
        };
    handler.accepted(
        new Endpoint(
            Family.UNIX_DATAGRAM, fd, arrivals, new Shared.Receiver(way.entrance(), others)));
  }

  private void deliverCopy(SocketName sender, byte[] payload, Transport.AcceptHandler handler) {
    try {
      deliver(sender, MemorySegment.ofArray(payload), handler);
    } catch (OsException e) {
      failed(e);
    }
  }

  private synchronized Detour detour(Transport.AcceptHandler handler) throws OsException {
    Detour present = detour;
    if (present == null) {
      present = Detour.open((sender, payload) -> deliver(sender, payload, handler));
      detour = present;
      watch(present);
    }
    return present;
  }

  @Override
  protected void beforeClose() {
    bound.delete().run();
    Detour present;
    synchronized (this) {
      present = detour;
    }
    if (present != null) {
      present.close();
    }
  }
}
