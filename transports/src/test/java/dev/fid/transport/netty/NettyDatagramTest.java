package dev.fid.transport.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.pipe.Address;
import dev.fid.splice.SpliceHandle;
import dev.fid.splice.SpliceStats.Outcome;
import dev.fid.testkit.Handover;
import dev.fid.testkit.Messenger;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Netty's channels of datagrams, UDP and UNIX, on epoll.
@RequiresBpf
@InNewNetwork
class NettyDatagramTest {
  @TempDir private Path folder;
  private EventLoopGroup group;
  private Fid fid;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void open() throws Exception {
    group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    fid = Fid.open();
  }

  @AfterEach
  void close() {
    fid.close();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /// What a pipeline ends in: texts of datagrams, events, failures.
  private static final class Witnessed extends ChannelInboundHandlerAdapter {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      texts.add(
          ((AddressedEnvelope<?, ?>) message).content() instanceof ByteBuf b
              ? b.toString(US_ASCII)
              : "no bytes");
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      events.add(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      events.add(cause);
    }

    <T> T next(Class<T> type) throws InterruptedException {
      return type.cast(events.take());
    }
  }

  private Channel bound(String family, String name, Witnessed end) throws Exception {
    boolean udp = family.equals("udp");
    return new Bootstrap()
        .group(group)
        .channel(udp ? EpollDatagramChannel.class : EpollDomainDatagramChannel.class)
        .handler(end)
        .bind(
            udp
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                : new DomainSocketAddress(folder.resolve(name).toFile()))
        .sync()
        .channel();
  }

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // each branch gives one to the caller
  private Messenger messenger(String family, String name) throws Exception {
    return family.equals("udp")
        ? Messenger.udp("127.0.0.1")
        : Messenger.unix(folder.resolve(name).toString());
  }

  private static SocketAddress netty(Address address) {
    return switch (address) {
      case Address.Udp(String host, int port) ->
          new InetSocketAddress(InetAddress.ofLiteral(host), port);
      case Address.UnixDatagram(String path) -> new DomainSocketAddress(path);
      default -> throw new IllegalArgumentException(address.toString());
    };
  }

  private static Address fid(SocketAddress address) {
    return switch (address) {
      case InetSocketAddress udp -> new Address.Udp("127.0.0.1", udp.getPort());
      case DomainSocketAddress unix -> new Address.UnixDatagram(unix.path());
      default -> throw new IllegalArgumentException(address.toString());
    };
  }

  /// One line in a pipeline; at the end the channel reads on.
  @ParameterizedTest
  @ValueSource(strings = {"udp", "unix"})
  void aChannelIsSplicedAndReadsOn(String family) throws Exception {
    Witnessed end = new Witnessed();
    try (Messenger client = messenger(family, "client");
        Messenger back = messenger("udp", "back")) {
      Channel channel = bound(family, "front", end);
      channel.connect(netty(client.address())).sync();
      client.connect(fid(channel.localAddress()));
      channel.pipeline().addFirst(new SpliceHandler(fid, back.address()));
      SpliceHandle splice = end.next(SpliceStarted.class).splice();
      Handover.await(
          splice::stats,
          i -> {
            client.send(i, 100);
            Messenger.Received request = back.receive();
            assertThat(request.number()).isEqualTo(i);
            back.sendTo(request.from(), -i, 50);
            assertThat(client.receive().number()).isEqualTo(-i);
          });
      assertThat(channel.writeAndFlush(Unpooled.copiedBuffer("no", US_ASCII)).await().cause())
          .hasMessageContaining("is spliced: nobody may write");
      splice.unsplice().toCompletableFuture().join();
      assertThat(end.next(SpliceCompleted.class).stats().outcome()).isEqualTo(new Outcome.Undone());
      client.sendText("hello");
      assertThat(end.texts.take()).isEqualTo("hello");
      assertThat(channel.pipeline().get(SpliceHandler.class)).isNull();
      channel.writeAndFlush(Unpooled.copiedBuffer("back", US_ASCII)).sync();
      assertThat(client.receiveText()).isEqualTo("back");
      channel.close().sync();
      assertThat(fid.mapEntries()).isZero();
    }
  }

  /// Another channel at the back; closing the splice closes neither.
  @Test
  void aChannelCanBeTheBackEndAndOutlivesTheSplice() throws Exception {
    Witnessed front = new Witnessed();
    Witnessed rear = new Witnessed();
    try (Messenger client = messenger("udp", "client");
        Messenger server = messenger("unix", "server")) {
      Channel a = bound("udp", "a", front);
      a.config().setAutoRead(false);
      a.connect(netty(client.address())).sync();
      client.connect(fid(a.localAddress()));
      Channel b = bound("unix", "b", rear);
      b.config().setAutoRead(false);
      b.connect(netty(server.address())).sync();
      server.connect(fid(b.localAddress()));
      // On its loop: Netty may read it still, and no handler but the new one gets it.
      a.eventLoop()
          .submit(() -> {
            client.sendText("first"); // before the splice
            a.pipeline().addFirst(new SpliceHandler(fid, b));
          })
          .sync();
      SpliceHandle splice = front.next(SpliceStarted.class).splice();
      assertThat(server.receiveText()).isEqualTo("first");
      server.sendText("answer");
      assertThat(client.receiveText()).isEqualTo("answer");
      splice.close();
      assertThat(front.next(SpliceCompleted.class).stats().outcome())
          .isInstanceOf(Outcome.Aborted.class);
      assertThat(a.isOpen()).isTrue();
      a.eventLoop().submit(() -> a.config().setAutoRead(true)).sync();
      client.sendText("to a");
      assertThat(front.texts.take()).isEqualTo("to a");
      assertThat(b.isOpen()).isTrue();
      while (!b.isRegistered()) {
        Thread.onSpinWait();
      }
      b.eventLoop().submit(() -> b.config().setAutoRead(true)).sync();
      server.sendText("to b");
      assertThat(rear.texts.take()).isEqualTo("to b");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp", "unix"})
  void oneThatIsNotConnectedIsRefused(String family) throws Exception {
    Channel channel = bound(family, "alone", new Witnessed());
    var splice = fid.splice(NettyParty.of(channel), NettyParty.of(channel)).toCompletableFuture();
    assertThatThrownBy(splice::join).hasMessageContaining("it is not connected: connect it");
    assertThat(channel.isOpen()).isTrue();
  }
}
