package dev.fid.transport.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A Netty server on epoll, and what its pipelines end in.
final class NettyServer implements AutoCloseable {
  final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          2, new DefaultThreadFactory("netty", true), EpollIoHandler.newFactory());
  final Queue<Object> events = new ConcurrentLinkedQueue<>();
  final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();
  private final SocketAddress address;

  NettyServer(SocketAddress at, Consumer<Channel> initializer) {
    boolean unix = at instanceof UnixDomainSocketAddress;
    Class<? extends ServerChannel> type =
        unix ? EpollServerDomainSocketChannel.class : EpollServerSocketChannel.class;
    Channel listener =
        new ServerBootstrap()
            .group(group)
            .channel(type)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accepted.add(channel);
                    initializer.accept(channel);
                  }
                })
            .bind(netty(at))
            .syncUninterruptibly()
            .channel();
    address = unix ? at : listener.localAddress();
  }

  /// What clients connect to.
  SocketAddress address() {
    return address;
  }

  /// A channel of its own to a back end.
  Bootstrap client(SocketAddress to, ChannelHandler handler) {
    return new Bootstrap()
        .group(group)
        .channel(
            to instanceof InetSocketAddress
                ? EpollSocketChannel.class
                : EpollDomainSocketChannel.class)
        .handler(handler)
        .option(ChannelOption.AUTO_READ, false) // what it reads before it is spliced is its own
        .remoteAddress(netty(to));
  }

  private static SocketAddress netty(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        ? new DomainSocketAddress(unix.getPath().toFile())
        : address;
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
