package dev.fid.splice;

import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import dev.fid.os.Sockets.BufferState;
import dev.fid.os.TcpHold;
import java.io.IOException;

/// A duplicate of an application's descriptor, and what a splice changes on the socket and puts
/// back: O_NONBLOCK, SO_RCVLOWAT, SO_SNDBUF.
///
/// The duplicate is the same socket with the same cookie. So the application's object may close its
/// own descriptor at any time; the socket lives until both are closed.
public final class Loan implements AutoCloseable {
  private final Endpoint endpoint;
  private final boolean nonBlocking;
  private final int lowWater;
  private final BufferState buffers;

  private Loan(Endpoint endpoint) throws IOException {
    this.endpoint = endpoint;
    lowWater = Sockets.receiveLowWater(endpoint.fd());
    buffers = Sockets.bufferState(endpoint.fd());
    nonBlocking = Fds.setNonBlocking(endpoint.fd(), true);
  }

  /// Duplicates the descriptor of a connected socket; `fd` itself stays its owner's, who must not
  /// read from the socket, write to it nor shut it down until this is closed.
  ///
  /// @throws IOException that says why this socket cannot be spliced: it is none, it listens, it is
  ///   not connected, it is of a family or a type that is not spliced, or it has a filter
  public static Loan of(int fd) throws IOException {
    int own = Fds.duplicate(fd);
    try {
      return new Loan(new Endpoint(check(own), own));
    } catch (Throwable e) {
      Fds.close(own);
      throw e;
    }
  }

  private static Family check(int fd) throws IOException {
    Family family = family(fd);
    if (Sockets.isListening(fd)) {
      throw refused("it listens: splice a connection that it has accepted");
    }
    try {
      Sockets.peerName(fd);
    } catch (OsException e) {
      throw refused(
          "it is not connected: "
              + e.getMessage()
              + (family.isDatagram() ? ": connect it to the one that it is to talk to" : ""));
    }
    if (TcpHold.isFiltered(fd)) {
      throw refused("it has a socket filter (SO_ATTACH_FILTER), which unsplice would replace");
    }
    if (family == Family.UDP && Sockets.joinsDatagrams(fd)) {
      throw refused("it receives several datagrams as one (UDP_GRO): switch that off");
    }
    return family;
  }

  private static Family family(int fd) throws IOException {
    int domain = Sockets.domain(fd);
    int type = Sockets.type(fd);
    if (domain == Sockets.AF_UNIX && type == Sockets.SOCK_SEQPACKET) {
      return Family.UNIX_SEQPACKET;
    }
    if (type != Sockets.SOCK_STREAM && type != Sockets.SOCK_DGRAM) {
      throw refused(
          "its type is " + type + ": splice sockets of streams, of datagrams, or UNIX SEQPACKET");
    }
    boolean stream = type == Sockets.SOCK_STREAM;
    return switch (domain) {
      case Sockets.AF_INET, Sockets.AF_INET6 -> stream ? Family.TCP : Family.UDP;
      case Sockets.AF_UNIX -> stream ? Family.UNIX_STREAM : Family.UNIX_DATAGRAM;
      default -> throw refused("its domain is " + domain + ": splice TCP, UDP or UNIX sockets");
    };
  }

  private static IOException refused(String reason) {
    return new IOException("this socket cannot be spliced: " + reason);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /// Puts back what was changed, and closes the duplicate.
  @Override
  public void close() {
    Sockets.setReceiveLowWater(endpoint.fd(), lowWater);
    Sockets.restore(endpoint.fd(), buffers);
    try {
      if (!nonBlocking) {
        Fds.setNonBlocking(endpoint.fd(), false);
      }
    } catch (OsException e) {
      throw new IllegalStateException("make " + endpoint + " blocking again", e);
    } finally {
      Fds.close(endpoint.fd());
    }
  }
}
