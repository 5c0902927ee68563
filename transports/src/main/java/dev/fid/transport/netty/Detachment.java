package dev.fid.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The first handler of a channel that leaves its loop: keeps what is still received, and lets
/// nobody read or write.
final class Detachment extends ChannelDuplexHandler {
  private final List<ByteBuf> received = new ArrayList<>();
  private @Nullable ChannelHandlerContext context;
  private boolean taken;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /// Succeeds when all that was written before has been taken by the socket.
  Future<?> flush() {
    ChannelHandlerContext present = context;
    if (present == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    if (!NettyParty.isDatagram(present.channel())) {
      return present.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }
    // An empty buffer would be an empty datagram.
    present.flush();
    Promise<Void> flushed = present.executor().newPromise();
    awaitFlushed(present.channel(), flushed);
    return flushed;
  }

  private static void awaitFlushed(Channel channel, Promise<Void> flushed) {
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    if (waiting == null || waiting.isEmpty()) {
      Promise<Void> _ = flushed.setSuccess(null);
    } else {
      Future<?> _ =
          channel
              .eventLoop()
              .schedule(() -> awaitFlushed(channel, flushed), 1, TimeUnit.MILLISECONDS);
    }
  }

  /// The bytes of a message, or the payload of a datagram; null where it is neither.
  static @Nullable ByteBuf bytes(Object message) {
    return switch (message) {
      case ByteBuf bytes -> bytes;
      case AddressedEnvelope<?, ?> datagram when datagram.content() instanceof ByteBuf payload ->
          payload;
      default -> null;
    };
  }

  /// What was received meanwhile; the caller releases it. Called once.
  List<ByteBuf> take() {
    taken = true;
    return received;
  }

  /// Also when the channel was closed and so is not lent.
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (!taken) {
      received.forEach(ReferenceCountUtil::release);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = bytes(message);
    if (bytes != null) {
      received.add(bytes);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void read(ChannelHandlerContext ctx) {}

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ReferenceCountUtil.release(message);
    promise.setFailure(new IllegalStateException(ctx.channel() + " is spliced: nobody may write"));
  }
}
