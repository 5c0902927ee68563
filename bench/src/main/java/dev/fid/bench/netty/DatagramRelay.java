package dev.fid.bench.netty;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.pipe.Address;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.UnixChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// A UDP relay as one writes it with Netty: on each loop a socket of the one port (SO_REUSEPORT),
/// and there for each client a connected socket to the back end.
final class DatagramRelay implements AutoCloseable {
  private static final int RECEIVE_BUFFER = 1 << 20;

  private final int threads = Runtime.getRuntime().availableProcessors();
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(threads, EpollIoHandler.newFactory());

  /// Relays until it is closed; its threads keep the process alive.
  @MustBeClosed
  static DatagramRelay start(Address.Udp front, Address.Udp back) {
    DatagramRelay relay = new DatagramRelay();
    InetSocketAddress backEnd = new InetSocketAddress(back.host(), back.port());
    for (int i = 0; i < relay.threads; i++) {
      new Bootstrap()
          .group(relay.loops.next())
          .channel(EpollDatagramChannel.class)
          .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
          .option(UnixChannelOption.SO_REUSEPORT, true)
          .handler(new Clients(client -> open(client, backEnd)))
          .bind(new InetSocketAddress(front.host(), front.port()))
          .syncUninterruptibly();
    }
    return relay;
  }

  /// A socket to the back end on the loop of the client's, which gets what comes back.
  private static Channel open(Clients.Client client, InetSocketAddress backEnd) {
    return new Bootstrap()
        .group(client.loop())
        .channel(EpollDatagramChannel.class)
        .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
        .handler(new Answers(client))
        .connect(backEnd)
        .channel();
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
