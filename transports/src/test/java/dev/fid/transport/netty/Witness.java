package dev.fid.transport.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// The end of a pipeline: remembers events and failures.
final class Witness extends ChannelInboundHandlerAdapter {
  private final NettyServer server;

  Witness(NettyServer server) {
    this.server = server;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    server.events.add(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    server.events.add("inactive");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    server.failures.add(cause);
  }
}
