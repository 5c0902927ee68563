package dev.fid.bench.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;

/// Gives a client what comes back for it.
final class Answers extends SimpleChannelInboundHandler<DatagramPacket> {
  private final Clients.Client client;

  Answers(Clients.Client client) {
    this.client = client;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    client.connected();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
    client.answer(packet.content().retain());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    client.answered();
  }

  /// Nobody may receive at the back end now (ECONNREFUSED), and later somebody.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {}
}
