package dev.fid.transport.netty;

import dev.fid.splice.Custody;
import dev.fid.splice.Custody.Returned;
import dev.fid.splice.Loan;
import dev.fid.splice.Party;
import dev.fid.splice.SpliceStats.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A Netty channel on epoll, of a stream or of datagrams, that is to be spliced; [SpliceHandler] is
/// the way to do it from a pipeline.
///
/// It stops reading; what its pipeline was still given, and what was written and not yet flushed to
/// the socket, goes first. Then it leaves its event loop (channelUnregistered), which so neither
/// reads nor closes it. Writes fail until it comes back. When the splice has ended the channel of a
/// stream is closed, so that its closeFuture and channelInactive tell of it; one that is undone is
/// registered again, its pipeline given what was received and not forwarded, and reads as before. A
/// channel of datagrams does so however the splice has ended.
///
/// Refused are channels that are not on epoll, not active, of datagrams and not connected, or with
/// a TLS handler, as what the kernel would carry is not what their handlers see.
public final class NettyParty implements Party {
  private final Channel channel;
  private final Supplier<List<ByteBuf>> leftover;
  private final Consumer<Outcome> returning;
  private final CompletableFuture<Custody> joined = new CompletableFuture<>();
  private final Detachment detachment = new Detachment();
  private final boolean autoRead;

  /// @param leftover what handlers have kept of what was received, asked for last; released here
  /// @param returning is told in the event loop before the channel is closed or reads on
  NettyParty(Channel channel, Supplier<List<ByteBuf>> leftover, Consumer<Outcome> returning) {
    this.channel = channel;
    this.leftover = leftover;
    this.returning = returning;
    autoRead = channel.config().isAutoRead();
  }

  /// A channel whose handlers keep nothing of what they were given.
  public static Party of(Channel channel) {
    return new NettyParty(channel, List::of, _ -> {});
  }

  static boolean isDatagram(Channel channel) {
    return channel instanceof EpollDatagramChannel || channel instanceof EpollDomainDatagramChannel;
  }

  @Override
  public CompletionStage<Custody> join() {
    // Never within a read: what that still finds must be seen before the loop is left.
    channel.eventLoop().execute(this::detach);
    return joined;
  }

  private void detach() {
    String reason = refusal();
    if (!reason.isEmpty()) {
      fail(new IOException(channel + " cannot be spliced: " + reason));
      return;
    }
    channel.config().setAutoRead(false);
    channel.pipeline().addFirst(detachment);
    detachment
        .flush()
        .addListener(flushed -> {
          if (flushed.isSuccess()) {
            channel.eventLoop().execute(this::leave);
          } else {
            fail(flushed.cause());
          }
        });
  }

  private String refusal() {
    if (!(channel instanceof EpollSocketChannel
        || channel instanceof EpollDomainSocketChannel
        || isDatagram(channel))) {
      return "it is no connection on epoll: use EpollIoHandler with EpollSocketChannel,"
          + " EpollDomainSocketChannel, EpollDatagramChannel or EpollDomainDatagramChannel";
    }
    if (!channel.isActive() || !channel.isRegistered()) {
      return "it is not active";
    }
    if (channel.remoteAddress() == null && isDatagram(channel)) {
      return "it is not connected: connect it to the one that it is to talk to";
    }
    if (channel instanceof EpollDomainSocketChannel unix
        && unix.config().getReadMode() != DomainSocketReadMode.BYTES) {
      return "it receives file descriptors, which are not carried";
    }
    for (Map.Entry<String, ChannelHandler> entry : channel.pipeline()) {
      if (isTls(entry.getValue().getClass())) {
        return entry.getKey()
            + " in its pipeline encrypts, so what the kernel would carry is not what handlers see:"
            + " splice before TLS, or let the back end end it";
      }
    }
    return "";
  }

  /// By its name: netty-handler need not be there.
  private static boolean isTls(Class<?> handler) {
    for (Class<?> type = handler; type != null; type = type.getSuperclass()) {
      if (type.getName().startsWith("io.netty.handler.ssl.")) {
        return true;
      }
    }
    return false;
  }

  private void leave() {
    channel
        .deregister()
        .addListener(left -> {
          if (left.isSuccess() && channel.isOpen()) {
            lend();
          } else {
            fail(left.isSuccess() ? new IOException(channel + ": was closed") : left.cause());
          }
        });
  }

  private void lend() {
    List<ByteBuffer> head = head();
    try {
      Loan loan = Loan.of(((UnixChannel) channel).fd().intValue());
      joined.complete(new Custody.Lent(loan, head, this::returned));
    } catch (IOException e) {
      comeBack(new Returned(head, new Outcome.Undone()));
      joined.completeExceptionally(e);
    }
  }

  private List<ByteBuffer> head() {
    List<ByteBuf> all = new ArrayList<>(leftover.get());
    all.addAll(detachment.take());
    List<ByteBuffer> head =
        all.stream().map(piece -> ByteBuffer.wrap(ByteBufUtil.getBytes(piece))).toList();
    all.forEach(ByteBuf::release);
    return head;
  }

  private void fail(Throwable reason) {
    if (channel.pipeline().context(detachment) != null && channel.isRegistered()) {
      readOn(new Returned(head(), new Outcome.Undone()));
    }
    joined.completeExceptionally(reason);
  }

  private void returned(Returned how) {
    channel.eventLoop().execute(() -> comeBack(how));
  }

  /// Also a channel that is closed now has to come back first: else its pipeline is not told.
  private void comeBack(Returned how) {
    if (channel.isOpen()) {
      Future<?> registered = channel.eventLoop().register(channel);
      registered.addListener(_ -> readOn(how));
    } else {
      returning.accept(how.outcome());
    }
  }

  private void readOn(Returned how) {
    channel.pipeline().remove(detachment);
    returning.accept(how.outcome());
    if (!(how.outcome() instanceof Outcome.Undone || isDatagram(channel))) {
      Future<?> _ = channel.close();
      return;
    }
    if (!how.unread().isEmpty()) {
      how.unread().forEach(piece -> channel.pipeline().fireChannelRead(message(piece)));
      channel.pipeline().fireChannelReadComplete();
    }
    channel.config().setAutoRead(autoRead);
  }

  /// As the channel itself would hand it to its pipeline.
  private Object message(ByteBuffer piece) {
    ByteBuf bytes = Unpooled.wrappedBuffer(piece);
    return switch (channel) {
      case EpollDatagramChannel udp ->
          new DatagramPacket(bytes, udp.localAddress(), udp.remoteAddress());
      case EpollDomainDatagramChannel unix ->
          new DomainDatagramPacket(bytes, unix.localAddress(), unix.remoteAddress());
      default -> bytes;
    };
  }
}
