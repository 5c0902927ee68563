package dev.fid.splice;

import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;

/// What an endpoint of a session takes of a message: how long it may be, and the send buffer that
/// must hold it. Belongs to its leg.
final class Outlet {
  /// What UDP can carry over IPv4: 65,535 bytes less the headers.
  private static final int LONGEST_UDP = 65_507;

  /// unix_dgram_sendmsg() wants so much of its send buffer for itself.
  private static final int UNIX_OVERHEAD = 32;

  private final Endpoint endpoint;
  private final SpliceLoop loop;
  private int sendBuffer;

  Outlet(Endpoint endpoint, SpliceLoop loop) {
    this.endpoint = endpoint;
    this.loop = loop;
  }

  /// The backlog worker stops at half the send buffer and looks again a jiffy later, so a small one
  /// is slow, and it bounds the length of a UNIX datagram.
  void raise(int bytes) {
    if (sendBuffer == 0) {
      try {
        Sockets.SendBuffer buffer = Sockets.setSendBuffer(endpoint.fd(), bytes / 2);
        sendBuffer = 2 * buffer.bytes();
        if (!buffer.forced()) {
          loop.sendBufferCapped(sendBuffer);
        }
      } catch (OsException e) {
        loop.sendBufferCapped(0);
      }
    }
  }

  /// The longest message that can be sent to it, bytes.
  int longest(Framing framing) {
    return switch (endpoint.family()) {
      case UDP -> LONGEST_UDP;
      case UNIX_DATAGRAM -> Math.max(1, sendBuffer - UNIX_OVERHEAD);
      case UNIX_SEQPACKET -> Integer.MAX_VALUE;
      case TCP, UNIX_STREAM, VSOCK -> framing.longest();
    };
  }

  /// Whether this answer to a send says that a message of a connection was too long for the send
  /// buffer, and it fits now. What its sender's could hold, this is made to hold: when one comes,
  /// as what a reader that stops leaves in it is the kernel's memory.
  boolean fitsNow(long answer, long bytes) {
    if (answer != -Errno.EMSGSIZE || endpoint.family() != Family.UNIX_SEQPACKET) {
      return false;
    }
    try {
      return 2L * Sockets.setSendBuffer(endpoint.fd(), (int) bytes).bytes()
          >= bytes + UNIX_OVERHEAD;
    } catch (OsException e) {
      return false;
    }
  }
}
