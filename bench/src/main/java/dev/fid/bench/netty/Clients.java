package dev.fid.bench.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// What comes to the front: each client's datagrams go to its own socket, which a minute without
/// any ends.
final class Clients extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Function<Client, Channel> connect;
  private final Map<InetSocketAddress, Client> clients = new HashMap<>();
  private final Set<Client> touched = new HashSet<>();

  /// @param connect opens a socket to the back end for a client
  Clients(Function<Client, Channel> connect) {
    this.connect = connect;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
    Client client =
        clients.computeIfAbsent(
            packet.sender(), address -> new Client(context.channel(), address, connect));
    client.send(packet.content().retain());
    touched.add(client);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    touched.forEach(Client::flush);
    touched.clear();
  }

  /// A full receive buffer or a client that has gone (ECONNREFUSED) is no reason to end.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {}

  /// One address that datagrams came from; of its loop's thread.
  @SuppressWarnings("FutureReturnValueIgnored") // what fails is lost, as UDP may
  final class Client {
    private final Channel front;
    private final InetSocketAddress address;
    private final Channel back;
    private final List<ByteBuf> early = new ArrayList<>();
    private boolean connected;
    private long active = System.nanoTime();

    private Client(Channel front, InetSocketAddress address, Function<Client, Channel> connect) {
      this.front = front;
      this.address = address;
      back = connect.apply(this);
      expireLater(IDLE_NANOS);
    }

    /// The loop of all that is its.
    IoEventLoopGroup loop() {
      return (IoEventLoopGroup) front.eventLoop();
    }

    private void send(ByteBuf content) {
      active = System.nanoTime();
      if (connected) {
        back.write(content, back.voidPromise());
      } else {
        early.add(content);
      }
    }

    private void flush() {
      back.flush();
    }

    void connected() {
      connected = true;
      early.forEach(content -> back.write(content, back.voidPromise()));
      early.clear();
      back.flush();
    }

    void answer(ByteBuf content) {
      active = System.nanoTime();
      front.write(new DatagramPacket(content, address), front.voidPromise());
    }

    void answered() {
      front.flush();
    }

    private void expireLater(long nanos) {
      front.eventLoop().schedule(this::expire, nanos, TimeUnit.NANOSECONDS);
    }

    private void expire() {
      long left = active + IDLE_NANOS - System.nanoTime();
      if (left > 0) {
        expireLater(left);
      } else {
        clients.remove(address);
        back.close();
      }
    }
  }
}
