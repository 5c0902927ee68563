package dev.fid.transport.junixsocket;

import dev.fid.splice.Custody;
import dev.fid.splice.Loan;
import dev.fid.splice.Party;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.newsclub.net.unix.FileDescriptorAccess;
import org.newsclub.net.unix.FileDescriptorCast;

/// A junixsocket socket or channel (`AFSocket`, `AFSocketChannel`, `AFDatagramSocket`,
/// `AFDatagramChannel`) that is to be spliced.
///
/// It stays the application's, which may close it at any time and do nothing else with it until the
/// splice has ended; see [Party#descriptor(int)]. Neither has a buffer of its own that could hold
/// bytes back. Needs junixsocket-common on the class path.
public final class JunixParty implements Party {
  private final FileDescriptorAccess socket;
  private final ByteBuffer head;
  private final Custody.Lender lender;

  private JunixParty(FileDescriptorAccess socket, ByteBuffer head, Custody.Lender lender) {
    this.socket = socket;
    this.head = head;
    this.lender = lender;
  }

  /// A connected socket; a channel must not be registered with a selector.
  public static Party of(FileDescriptorAccess socket) {
    return of(socket, ByteBuffer.allocate(0), _ -> {});
  }

  /// The same, for a socket of which some bytes have been read already.
  ///
  /// @param head goes to the other side first, of a datagram socket as one datagram; not copied
  /// @param lender is told once, on any thread, when the socket is the application's again
  public static Party of(FileDescriptorAccess socket, ByteBuffer head, Custody.Lender lender) {
    return new JunixParty(socket, head, lender);
  }

  @Override
  public CompletionStage<Custody> join() {
    try {
      if (socket instanceof SelectableChannel channel && channel.isRegistered()) {
        throw new IOException(
            socket + ": is registered with a selector: cancel its keys, and select once more");
      }
      int fd = FileDescriptorCast.using(socket.getFileDescriptor()).as(Integer.class);
      return CompletableFuture.completedStage(new Custody.Lent(Loan.of(fd), head, lender));
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedStage(
          new IOException(socket + " cannot be spliced: " + e.getMessage(), e));
    }
  }
}
