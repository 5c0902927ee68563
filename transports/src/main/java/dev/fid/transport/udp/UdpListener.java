package dev.fid.transport.udp;

import dev.fid.os.Datagram;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.pipe.Address;
import dev.fid.pipe.Transport;
import dev.fid.splice.Arrivals;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import dev.fid.transport.DatagramListener;
import dev.fid.transport.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives each client address a connected socket of its own, on the local port that it sent to.
///
/// What arrives here is a client's first, or was on its way as its socket came to be. Between its
/// bind and its connect that socket takes what is any client's; so it is emptied, and each datagram
/// goes where it belongs. What is queued even later, its session finds and gives back.
final class UdpListener extends DatagramListener {
  private static final Logger LOG = LoggerFactory.getLogger(UdpListener.class);
  private static final int MAX_STRAYS = 4096;
  private static final int LONGEST_UDP = 1 << 16;
  private static final int SAY_EACH = 10_000;

  private final SocketName bound;
  private final Map<SocketName, Arrivals> sessions = new ConcurrentHashMap<>();
  private Transport.@Nullable AcceptHandler handler;
  private long failures;

  /// Takes ownership of the descriptor.
  UdpListener(int fd, SocketName bound, Address.Udp address) {
    super(fd, address);
    this.bound = bound;
  }

  @Override
  protected long receive(Datagram datagram, int fd) {
    return datagram.receiveWithLocal(fd);
  }

  @Override
  protected void received(Datagram datagram, Transport.AcceptHandler handler) {
    this.handler = handler;
    SocketName client = datagram.sender();
    Arrivals present = sessions.get(client);
    if (present != null && present.offer(datagram.payload())) {
      return;
    }
    SocketName local = datagram.local();
    open(client, local == null ? bound : local.withPort(bound.port()), datagram, handler);
  }

  private void open(
      SocketName client, SocketName local, Datagram datagram, Transport.AcceptHandler to) {
    List<Endpoint> opened = new ArrayList<>(1);
    open(client, local, datagram, opened);
    opened.forEach(to::accepted);
  }

  /// A session has received another client's datagram. From any thread.
  private void strayed(SocketName sender, SocketName local, byte[] payload) {
    execute(() -> {
      Transport.AcceptHandler to = handler;
      try (Datagram datagram = new Datagram(LONGEST_UDP)) {
        Arrivals theirs = sessions.get(sender);
        if (to != null && (theirs == null || !theirs.offer(datagram.hold(payload)))) {
          datagram.hold(payload);
          open(sender, local, datagram, to);
        }
      }
    });
  }

  /// Opens a socket for the client, puts the datagram first, and then what the socket has taken.
  private void open(SocketName client, SocketName local, Datagram datagram, List<Endpoint> opened) {
    int fd;
    try {
      fd = UdpSockets.openFor(descriptor(), local, client);
    } catch (OsException e) {
      failed(client, e);
      return;
    }
    Arrivals arrivals =
        new Arrivals(
            client, (sender, payload) -> strayed(sender, local, payload), () -> forget(client));
    sessions.put(client, arrivals);
    arrivals.offer(datagram.payload());
    opened.add(new Endpoint(Family.UDP, fd, arrivals));
    for (int i = 0; i < MAX_STRAYS && datagram.receive(fd) >= 0; i++) {
      SocketName sender = datagram.sender();
      Arrivals theirs = sessions.get(sender);
      if (theirs == null || !theirs.offer(datagram.payload())) {
        open(sender, local, datagram, opened);
      }
    }
  }

  private void forget(SocketName client) {
    sessions.computeIfPresent(client, (_, arrivals) -> arrivals.isClosed() ? null : arrivals);
  }

  private void failed(SocketName client, OsException e) {
    undelivered();
    if (failures++ % SAY_EACH == 0) {
      LOG.warn(
          "session for {} on {}: {}",
          client,
          address(),
          Failure.reason(e.errno(), Failure.commonAdvice(e.errno())));
    }
  }
}
