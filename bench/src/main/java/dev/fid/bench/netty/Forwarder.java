package dev.fid.bench.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;

/// Gives what one channel reads to another, on the loop that they share.
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes its channel, which the other sees
final class Forwarder extends ChannelInboundHandlerAdapter {
  private final Channel target;

  private Forwarder(Channel target) {
    this.target = target;
  }

  /// Forwards both ways from now on.
  static void join(Channel one, Channel other) {
    one.pipeline().addLast(new Forwarder(other));
    other.pipeline().addLast(new Forwarder(one));
    one.config().setAutoRead(true);
    other.config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    target.write(message, target.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    target.flush();
  }

  /// This channel took what it was given, or cannot take more: the other may read, or must wait.
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    target.config().setAutoRead(context.channel().isWritable());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownReadComplete) {
      target
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(_ -> ended((DuplexChannel) context.channel(), (DuplexChannel) target));
    }
  }

  private static void ended(DuplexChannel source, DuplexChannel target) {
    target.shutdownOutput();
    if (target.isInputShutdown() && source.isOutputShutdown()) {
      source.close();
      target.close();
    }
  }

  /// Closed, and not just ended: what was read before is still sent.
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (target.isActive()) {
      target.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
