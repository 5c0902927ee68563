package dev.fid.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/// The first handler of a channel that leaves its loop: keeps what is still received, and lets
/// nobody read or write.
final class Detachment extends ChannelDuplexHandler {
  private final CompositeByteBuf received = Unpooled.compositeBuffer();
  private @Nullable ChannelHandlerContext context;
  private boolean taken;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /// Succeeds when all that was written before has been taken by the socket.
  ChannelFuture flush() {
    ChannelHandlerContext present = context;
    if (present == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return present.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  /// What was received meanwhile; the caller releases it. Called once.
  ByteBuf take() {
    taken = true;
    return received;
  }

  /// Also when the channel was closed and so is not lent.
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (!taken) {
      received.release();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      received.addComponent(true, bytes);
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
