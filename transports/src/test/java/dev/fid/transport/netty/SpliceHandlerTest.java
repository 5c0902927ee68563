package dev.fid.transport.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.pipe.Address;
import dev.fid.splice.LanePlan;
import dev.fid.splice.SpliceStats.Outcome;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpliceHandlerTest {
  @TempDir private Path folder;

  /// Takes a first line off the stream, and then splices the rest, of which it has read some.
  private static final class LineFirst extends ByteToMessageDecoder {
    private final Function<Channel, SpliceHandler> next;
    private final NettyServer server;

    LineFirst(NettyServer server, Function<Channel, SpliceHandler> next) {
      this.server = server;
      this.next = next;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      int end = in.bytesBefore((byte) '\n');
      if (end >= 0) {
        in.skipBytes(end + 1);
        Future<?> _ = ctx.write(Unpooled.copiedBuffer("OK\n", US_ASCII)); // and not flushed
        ctx.pipeline().addLast(next.apply(ctx.channel()), new Witness(server));
        ctx.pipeline().remove(this);
      }
    }
  }

  private static NettyServer server(SocketAddress at, Function<Channel, SpliceHandler> next) {
    NettyServer[] server = new NettyServer[1];
    server[0] =
        new NettyServer(at, channel -> channel.pipeline().addLast(new LineFirst(server[0], next)));
    return server[0];
  }

  private static Address address(SocketAddress socket) {
    return socket instanceof InetSocketAddress tcp
        ? Address.parse("tcp://127.0.0.1:" + tcp.getPort())
        : Address.parse("unix://" + ((UnixDomainSocketAddress) socket).getPath());
  }

  private static void until(BooleanSupplier holds) throws Exception {
    for (int i = 0; i < 6000 && !holds.getAsBoolean(); i++) {
      Thread.sleep(5);
    }
    assertThat(holds.getAsBoolean()).isTrue();
  }

  private static SocketChannel accept(BackEnd back) throws Exception {
    return Objects.requireNonNull(back.accept(30_000), "nothing reached the back end");
  }

  private static void write(SocketChannel channel, String text) throws Exception {
    channel.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
  }

  private static String read(SocketChannel channel, int length) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // more
    }
    return new String(buffer.array(), 0, buffer.position(), US_ASCII);
  }

  /// Without a header: the handler is all there is in the pipeline.
  @ParameterizedTest
  @CsvSource({"tcp,tcp,true", "tcp,unix,true", "unix,tcp,true", "tcp,tcp,false", "unix,unix,false"})
  void everyByteArrives(String front, String back, boolean kernel) throws Exception {
    try (Fid fid = Fid.open(FidOptions.defaults().withKernel(kernel));
        BackEnd backEnd = BackEnd.listen(Addresses.of(back, folder, "back"));
        NettyServer server =
            new NettyServer(
                Addresses.of(front, folder, "front"),
                channel ->
                    channel
                        .pipeline()
                        .addLast(new SpliceHandler(fid, address(backEnd.address()))))) {
      TrafficPlan plan = new TrafficPlan(8, 1 << 20).pauses(0.05, Duration.ofMillis(2));
      Traffic.run(server.address(), backEnd, plan).assertClean();
      until(() -> server.accepted.stream().noneMatch(Channel::isOpen));
      assertThat(server.accepted).hasSize(8);
    }
  }

  @RequiresBpf
  @Test
  void whatTheDecoderHoldsAndWhatIsUnflushedGoFirst() throws Exception {
    try (Fid fid = Fid.open();
        BackEnd back = BackEnd.listen(Addresses.tcp());
        NettyServer server =
            server(Addresses.tcp(), _ -> new SpliceHandler(fid, address(back.address())));
        SocketChannel client = SocketChannel.open(server.address())) {
      write(client, "CONNECT\nfirst ");
      try (SocketChannel far = accept(back)) {
        assertThat(read(far, 6)).isEqualTo("first ");
        write(client, "second");
        assertThat(read(far, 6)).isEqualTo("second");
        write(far, "answer");
        assertThat(read(client, 9)).isEqualTo("OK\nanswer");
        Channel spliced = server.accepted.element();
        assertThat(spliced.writeAndFlush(Unpooled.copiedBuffer("no", US_ASCII)).await().cause())
            .hasMessageContaining("is spliced: nobody may write");
        assertThat(spliced.isOpen()).isTrue();
        client.shutdownOutput();
        assertThat(read(far, 1)).isEmpty();
        far.shutdownOutput();
        assertThat(read(client, 1)).isEmpty();
        spliced.closeFuture().sync();
      }
      until(() -> server.events.size() == 3);
      Object[] events = server.events.toArray();
      assertThat(events[0]).isInstanceOf(SpliceStarted.class);
      assertThat(events[1])
          .isInstanceOfSatisfying(
              SpliceCompleted.class,
              completed -> {
                assertThat(completed.stats().outcome()).isEqualTo(new Outcome.Completed());
                assertThat(completed.stats().upstream().bytes()).isEqualTo(12);
                assertThat(completed.stats().upstream().relayBytes()).isEqualTo(6);
                assertThat(completed.stats().upstream().plan()).isEqualTo(new LanePlan.InKernel());
                assertThat(completed.stats().downstream().kernelBytes()).isEqualTo(6);
              });
      assertThat(events[2]).isEqualTo("inactive");
      assertThat(server.failures).isEmpty();
    }
  }

  /// The proxy connects by itself, so that it can say whether that went well.
  @Test
  void aChannelCanBeTheBackEnd() throws Exception {
    try (Fid fid = Fid.open();
        BackEnd back = BackEnd.listen(Addresses.unix(folder, "back"))) {
      NettyServer[] own = new NettyServer[1];
      try (NettyServer server =
          new NettyServer(
              Addresses.tcp(),
              channel -> {
                channel.config().setAutoRead(false);
                own[0]
                    .client(back.address(), new ChannelInboundHandlerAdapter())
                    .connect()
                    .addListener((ChannelFuture connected) ->
                        channel.pipeline().addLast(new SpliceHandler(fid, connected.channel())));
              })) {
        own[0] = server;
        Traffic.run(server.address(), back, new TrafficPlan(8, 1 << 20)).assertClean();
        until(() -> server.accepted.stream().noneMatch(Channel::isOpen));
      }
    }
  }

  @Test
  void unspliceGivesThePipelineItsBytesBack() throws Exception {
    try (Fid fid = Fid.open();
        BackEnd back = BackEnd.listen(Addresses.tcp());
        NettyServer server =
            server(Addresses.tcp(), _ -> new SpliceHandler(fid, address(back.address())));
        SocketChannel client = SocketChannel.open(server.address())) {
      write(client, "CONNECT\nto the back");
      try (SocketChannel far = accept(back)) {
        assertThat(read(far, 11)).isEqualTo("to the back");
        until(() -> !server.events.isEmpty());
        Channel channel = server.accepted.element();
        channel
            .pipeline()
            .addLast(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext ctx, Object message) {
                    Future<?> _ = ctx.writeAndFlush(message);
                  }
                });
        ((SpliceStarted) server.events.element()).splice().unsplice().toCompletableFuture().join();
        write(client, "echo");
        assertThat(read(client, 7)).isEqualTo("OK\necho");
        assertThat(channel.pipeline().get(SpliceHandler.class)).isNull();
        assertThat(channel.isOpen()).isTrue();
      }
    }
  }

  @Test
  void closingTheChannelEndsTheSplice() throws Exception {
    try (Fid fid = Fid.open();
        BackEnd back = BackEnd.listen(Addresses.tcp());
        NettyServer server =
            server(Addresses.tcp(), _ -> new SpliceHandler(fid, address(back.address())));
        SocketChannel client = SocketChannel.open(server.address())) {
      write(client, "CONNECT\nfirst");
      try (SocketChannel far = accept(back)) {
        assertThat(read(far, 5)).isEqualTo("first");
        until(() -> !server.events.isEmpty());
        server.accepted.element().close().sync();
        assertThatThrownBy(() -> read(far, 1)).hasMessageContaining("reset");
        until(() -> fid.mapEntries() == 0);
      }
    }
  }

  private void assertFails(Function<Fid, SpliceHandler> handler, String reason, Object... before)
      throws Exception {
    try (Fid fid = Fid.open();
        NettyServer server =
            new NettyServer(
                Addresses.tcp(),
                channel -> {
                  for (Object extra : before) {
                    channel.pipeline().addLast((ChannelHandler) extra);
                  }
                })) {
      try (SocketChannel _ = SocketChannel.open(server.address())) {
        until(() -> !server.accepted.isEmpty() && server.accepted.element().isActive());
        Channel channel = server.accepted.element();
        channel
            .eventLoop()
            .execute(() -> channel.pipeline().addLast(handler.apply(fid), new Witness(server)));
        channel.closeFuture().sync();
        assertThat(server.failures.element()).hasMessageContaining(reason);
      }
    }
  }

  @Test
  void aBackEndThatIsNotThereIsTold() throws Exception {
    Address nobody = Address.parse("unix://" + folder.resolve("nobody"));
    assertFails(fid -> new SpliceHandler(fid, nobody), "nobody");
  }

  @Test
  void tlsInThePipelineIsRefused() throws Exception {
    var engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(false);
    Address any = Address.parse("unix://" + folder.resolve("nobody"));
    assertFails(
        fid -> new SpliceHandler(fid, any), "in its pipeline encrypts", new SslHandler(engine));
  }

  @Test
  void aCodecThatIsStillThereIsTold() throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.tcp())) {
      assertFails(
          fid -> new SpliceHandler(fid, address(back.address())),
          "java.lang.String came, which is no bytes: remove the codecs",
          new EarlyString());
    }
  }

  /// Hands on something that is no bytes as soon as anything is added behind it.
  private static final class EarlyString extends StringDecoder {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.executor().execute(() -> poll(ctx));
    }

    private void poll(ChannelHandlerContext ctx) {
      if (ctx.pipeline().get(SpliceHandler.class) == null) {
        ctx.executor().execute(() -> poll(ctx));
      } else {
        ctx.fireChannelRead("text");
      }
    }
  }

  @Test
  void aChannelOnNioIsRefused() throws Exception {
    try (Fid fid = Fid.open();
        BackEnd back = BackEnd.listen(Addresses.tcp())) {
      var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
      Channel nio =
          new Bootstrap()
              .group(group)
              .channel(NioSocketChannel.class)
              .handler(new ChannelInboundHandlerAdapter())
              .connect(back.address())
              .sync()
              .channel();
      var splice = fid.splice(NettyParty.of(nio), NettyParty.of(nio)).toCompletableFuture();
      assertThatThrownBy(splice::join)
          .hasMessageContaining("it is no connection on epoll: use EpollIoHandler");
      assertThat(nio.isOpen()).isTrue();
      nio.close().sync();
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }
}
