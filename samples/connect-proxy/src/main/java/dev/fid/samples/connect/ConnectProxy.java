package dev.fid.samples.connect;

import dev.fid.Fid;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// An HTTP proxy for CONNECT, in Netty: once it has parsed the request and connected, the kernel
/// carries the tunnel.
public final class ConnectProxy implements AutoCloseable {
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
  private final Channel listener;

  /// @param port of 127.0.0.1; 0 is a free one
  public ConnectProxy(Fid fid, int port) {
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    client.pipeline().addLast(new HttpServerCodec(), new ConnectHandler(fid));
                  }
                })
            .bind("127.0.0.1", port)
            .syncUninterruptibly()
            .channel();
  }

  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /// Runs until it is killed; the port is the argument, or 3128.
  public static void main(String[] args) throws Exception {
    try (Fid fid = Fid.open();
        ConnectProxy proxy =
            new ConnectProxy(fid, args.length > 0 ? Integer.parseInt(args[0]) : 3128)) {
      System.out.println("CONNECT proxy on 127.0.0.1:" + proxy.port());
      proxy.listener.closeFuture().sync();
    }
  }
}
