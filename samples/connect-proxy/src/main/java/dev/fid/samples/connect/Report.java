package dev.fid.samples.connect;

import dev.fid.splice.SpliceStats;
import dev.fid.transport.netty.SpliceCompleted;
import dev.fid.transport.netty.SpliceStarted;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// Prints what becomes of a tunnel.
final class Report extends ChannelInboundHandlerAdapter {
  private final String target;

  Report(String target) {
    this.target = target;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case SpliceStarted started ->
          System.out.println(target + ": upstream " + started.splice().stats().upstream().plan());
      case SpliceCompleted completed -> {
        SpliceStats stats = completed.stats();
        System.out.println(
            target
                + ": upstream "
                + stats.upstream().bytes()
                + " bytes, downstream "
                + stats.downstream().bytes());
      }
      default -> ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    System.out.println(target + ": " + cause.getMessage());
  }
}
