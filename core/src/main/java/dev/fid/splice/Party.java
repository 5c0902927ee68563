package dev.fid.splice;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// One of the two that are to be spliced: something that has a connected socket, or gets one.
///
/// Each is good for one splice.
public interface Party {
  /// Hands its socket to a splice, when whatever reads and writes it has let go of it. Called once,
  /// from any thread.
  ///
  /// Completes exceptionally, with an [IOException] that says why, when there is no socket to be
  /// had; then nothing has changed on it.
  CompletionStage<Custody> join();

  /// A connected TCP, UDP or UNIX socket, of streams, of datagrams or of SEQPACKET, by its
  /// descriptor, which stays the caller's: it must be open until the splice has begun, and may be
  /// closed at any time after that.
  ///
  /// Until the splice has ended nobody may read, write or shut down the socket: bytes would be lost
  /// or torn. Then it is as it was, but for what the splice did to a stream: a completed one has
  /// shut down its sending side, an aborted one makes close(2) reset it (SO_LINGER 0).
  static Party descriptor(int fd) {
    return descriptor(fd, ByteBuffer.allocate(0), _ -> {});
  }

  /// The same, for a socket of which some bytes have been read already.
  ///
  /// @param head goes to the other side first, of a datagram socket as one datagram; not copied
  /// @param lender is told once, on any thread, when the splice has nothing to do with the socket
  ///   any more
  static Party descriptor(int fd, ByteBuffer head, Custody.Lender lender) {
    return descriptor(fd, head.hasRemaining() ? List.of(head) : List.of(), lender);
  }

  /// The same, with what was read in pieces: a datagram each, of a datagram socket.
  static Party descriptor(int fd, List<ByteBuffer> head, Custody.Lender lender) {
    return () -> {
      try {
        return CompletableFuture.completedStage(new Custody.Lent(Loan.of(fd), head, lender));
      } catch (IOException e) {
        return CompletableFuture.failedStage(e);
      }
    };
  }
}
