package dev.fid.bench.netty;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.pipe.Address;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/// A TCP and UNIX relay as one writes it with Netty: its epoll transport, pooled buffers, reads
/// that wait for the other side to be writable, TCP half-close carried over.
///
/// `NettyRelay FRONT BACK`, addresses as a pipe file has them; UDP is a [DatagramRelay]'s.
public final class NettyRelay implements AutoCloseable {
  private static final int BACKLOG = 4096;

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(), EpollIoHandler.newFactory());
  private final Address back;

  private NettyRelay(Address back) {
    this.back = back;
  }

  @SuppressWarnings("MustBeClosedChecker") // by the hook
  public static void main(String[] args) {
    Address front = Address.parse(args[0]);
    Address back = Address.parse(args[1]);
    if (front instanceof Address.Udp udp) {
      DatagramRelay relay = DatagramRelay.start(udp, (Address.Udp) back);
      Runtime.getRuntime().addShutdownHook(new Thread(relay::close));
    } else {
      NettyRelay relay = start(front, back);
      Runtime.getRuntime().addShutdownHook(new Thread(relay::close));
    }
  }

  /// Relays until it is closed; its threads keep the process alive.
  @MustBeClosed
  static NettyRelay start(Address front, Address back) {
    NettyRelay relay = new NettyRelay(back);
    ServerBootstrap server =
        new ServerBootstrap()
            .group(relay.loops)
            .channel(
                front instanceof Address.Tcp
                    ? EpollServerSocketChannel.class
                    : EpollServerDomainSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(initializer(relay::accepted));
    if (front instanceof Address.Tcp) {
      server.childOption(ChannelOption.TCP_NODELAY, true);
    }
    server.bind(socketAddress(front)).syncUninterruptibly();
    return relay;
  }

  /// Reads begin when the back end is connected.
  @SuppressWarnings("FutureReturnValueIgnored") // addListener answers the future itself
  private void accepted(Channel client) {
    Forwarder upstream = new Forwarder(client);
    client.pipeline().addLast(upstream);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(client.eventLoop())
            .channel(
                back instanceof Address.Tcp
                    ? EpollSocketChannel.class
                    : EpollDomainSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .handler(initializer(_ -> {}));
    if (back instanceof Address.Tcp) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
    }
    ChannelFuture connecting = bootstrap.connect(socketAddress(back));
    connecting.addListener(result -> {
      if (result.isSuccess() && client.isActive()) {
        Forwarder downstream = new Forwarder(connecting.channel());
        connecting.channel().pipeline().addLast(downstream);
        upstream.forwardTo(connecting.channel());
        downstream.forwardTo(client);
      } else {
        client.close();
        connecting.channel().close();
      }
    });
  }

  private interface Initialize {
    void initialize(Channel channel);
  }

  private static ChannelInitializer<Channel> initializer(Initialize code) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        code.initialize(channel);
      }
    };
  }

  private static SocketAddress socketAddress(Address address) {
    return switch (address) {
      case Address.Tcp(String host, int port) -> new InetSocketAddress(host, port);
      case Address.Unix(String path) -> new DomainSocketAddress(path);
      case Address other -> throw new IllegalArgumentException("this relay knows no " + other);
    };
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
