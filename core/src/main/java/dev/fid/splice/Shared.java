package dev.fid.splice;

import dev.fid.os.SocketName;
import java.lang.foreign.MemorySegment;

/// A UNIX datagram socket that many senders send to, seen from one session.
///
/// Answers leave by that one socket: a sender that is connected to it takes them from nowhere else
/// (`unix_may_send`). So they go by user space, and so does what senders that can be answered send.
public sealed interface Shared {
  /// The session of one sender that has an address: it is told what came, and answers go there.
  record Sender(SocketName name) implements Shared {}

  /// The session of all senders without an address. It reads the socket for as long as it lives.
  ///
  /// @param detour a connected UNIX datagram socket, for what senders with an address send while
  ///   the shared socket is in the kernel's maps; a `struct detour_header` says who. It stays the
  ///   listener's
  /// @param others takes what such senders send meanwhile, on the session's loop
  record Receiver(int detour, Others others) implements Shared {}

  /// Takes a datagram of a sender that has an address. It is valid during the call.
  @FunctionalInterface
  interface Others {
    void received(SocketName sender, MemorySegment payload);
  }
}
