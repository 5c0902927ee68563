package dev.fid.samples.connect;

import dev.fid.Fid;
import dev.fid.transport.netty.SpliceHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.net.URI;

/// Answers one CONNECT: connects, says so, and splices.
final class ConnectHandler extends SimpleChannelInboundHandler<HttpObject> {
  private static final HttpResponseStatus ESTABLISHED =
      new HttpResponseStatus(200, "Connection established");

  private final Fid fid;
  private String target = "";

  ConnectHandler(Fid fid) {
    this.fid = fid;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    if (message instanceof HttpRequest request) {
      if (!request.method().equals(HttpMethod.CONNECT)) {
        refuse(ctx, HttpResponseStatus.METHOD_NOT_ALLOWED);
        return;
      }
      target = request.uri();
    }
    if (message instanceof LastHttpContent && !target.isEmpty()) {
      connect(ctx);
    }
  }

  private void connect(ChannelHandlerContext ctx) {
    URI address = URI.create("tcp://" + target);
    if (address.getHost() == null || address.getPort() < 0) {
      refuse(ctx, HttpResponseStatus.BAD_REQUEST);
      return;
    }
    new Bootstrap()
        .group(ctx.channel().eventLoop())
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.AUTO_READ, false) // the first byte that it reads is the splice's
        .handler(new ChannelInboundHandlerAdapter())
        .connect(address.getHost(), address.getPort())
        .addListener((ChannelFuture connected) -> {
          if (connected.isSuccess()) {
            splice(ctx, connected.channel());
          } else {
            refuse(ctx, HttpResponseStatus.BAD_GATEWAY);
          }
        });
  }

  /// What the codec has read beyond the request goes to the back end first.
  private void splice(ChannelHandlerContext ctx, Channel backend) {
    Future<?> _ = ctx.write(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, ESTABLISHED));
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.addLast(new SpliceHandler(fid, backend), new Report(target));
    pipeline.remove(HttpServerCodec.class);
    pipeline.remove(this);
  }

  private static void refuse(ChannelHandlerContext ctx, HttpResponseStatus status) {
    Future<?> _ =
        ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status))
            .addListener(ChannelFutureListener.CLOSE);
  }
}
