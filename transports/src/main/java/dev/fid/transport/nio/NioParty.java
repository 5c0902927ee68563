package dev.fid.transport.nio;

import dev.fid.os.Fds;
import dev.fid.splice.Custody;
import dev.fid.splice.Loan;
import dev.fid.splice.Party;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/// A JDK [SocketChannel], TCP or UNIX, or [DatagramChannel], that is to be spliced.
///
/// It stays the application's, which may close it at any time and do nothing else with it until the
/// splice has ended; see [Party#descriptor(int)]. Blocking mode is switched off in the kernel for
/// that time, and on again. A channel has no buffer of its own that could hold bytes back.
///
/// The JDK tells nobody the descriptor of a channel: [ChannelDescriptor] says how it is found.
public final class NioParty implements Party {
  private final SelectableChannel channel;
  private final BooleanSupplier connected;
  private final List<ByteBuffer> head;
  private final Custody.Lender lender;

  private NioParty(
      SelectableChannel channel,
      BooleanSupplier connected,
      List<ByteBuffer> head,
      Custody.Lender lender) {
    this.channel = channel;
    this.connected = connected;
    this.head = head;
    this.lender = lender;
  }

  /// A connected channel, blocking or not, that is not registered with a selector.
  public static Party of(SocketChannel channel) {
    return of(channel, ByteBuffer.allocate(0), _ -> {});
  }

  /// The same, for a channel of which some bytes have been read already.
  ///
  /// @param head goes to the other side first; not copied
  /// @param lender is told once, on any thread, when the channel is the application's again
  public static Party of(SocketChannel channel, ByteBuffer head, Custody.Lender lender) {
    List<ByteBuffer> pieces = head.hasRemaining() ? List.of(head) : List.of();
    return new NioParty(channel, channel::isConnected, pieces, lender);
  }

  /// A channel of UDP that is connected, blocking or not, and not registered with a selector.
  public static Party of(DatagramChannel channel) {
    return of(channel, List.of(), _ -> {});
  }

  /// The same, for a channel of which some datagrams have been read already.
  ///
  /// @param head go to the other side first; not copied
  /// @param lender is told once, on any thread, when the channel is the application's again
  public static Party of(DatagramChannel channel, List<ByteBuffer> head, Custody.Lender lender) {
    return new NioParty(channel, channel::isConnected, head, lender);
  }

  @Override
  public CompletionStage<Custody> join() {
    try {
      return CompletableFuture.completedStage(new Custody.Lent(lend(), head, lender));
    } catch (IOException e) {
      return CompletableFuture.failedStage(
          new IOException(channel + " cannot be spliced: " + e.getMessage(), e));
    }
  }

  private Loan lend() throws IOException {
    if (!connected.getAsBoolean()) {
      throw new IOException(channel.isOpen() ? "it is not connected: connect it" : "it is closed");
    }
    if (channel.isRegistered()) {
      throw new IOException(
          "it is registered with a selector: cancel its keys, and select once more");
    }
    int own = ChannelDescriptor.duplicate(channel);
    try {
      return Loan.of(own);
    } finally {
      Fds.close(own);
    }
  }
}
