package dev.fid.transport.nio;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import dev.fid.splice.Framing;
import dev.fid.splice.SpliceHandle;
import dev.fid.splice.SpliceOptions;
import dev.fid.splice.SpliceStats;
import dev.fid.testkit.Handover;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The JDK's channels of UDP.
@RequiresBpf
@InNewNetwork
class NioDatagramTest {
  /// Two connected channels; as the JDK makes them by default, IPv4 by way of an IPv6 socket.
  private record Wire(DatagramChannel near, DatagramChannel far) implements AutoCloseable {
    static Wire open() throws IOException {
      return open(null, "127.0.0.1");
    }

    static Wire open(@Nullable ProtocolFamily family, String host) throws IOException {
      DatagramChannel near = channel(family).bind(at(host));
      DatagramChannel far = channel(family).bind(at(host));
      near.connect(far.getLocalAddress());
      far.connect(near.getLocalAddress());
      return new Wire(near, far);
    }

    private static DatagramChannel channel(@Nullable ProtocolFamily family) throws IOException {
      return family == null ? DatagramChannel.open() : DatagramChannel.open(family);
    }

    private static InetSocketAddress at(String host) throws IOException {
      return new InetSocketAddress(InetAddress.ofLiteral(host), 0);
    }

    @Override
    public void close() throws IOException {
      near.close();
      far.close();
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static String read(DatagramChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    channel.read(buffer);
    return US_ASCII.decode(buffer.flip()).toString();
  }

  @ParameterizedTest
  @CsvSource({",127.0.0.1", "INET,127.0.0.1", "INET6,::1"})
  void theyAreSplicedAndComeBack(@Nullable StandardProtocolFamily family, String host)
      throws Exception {
    try (Fid fid = Fid.open();
        Wire client = Wire.open(family, host);
        Wire server = Wire.open(family, host)) {
      SpliceHandle splice =
          fid.splice(NioParty.of(client.far), NioParty.of(server.near))
              .toCompletableFuture()
              .join();
      Handover.await(
          splice::stats,
          i -> {
            client.near.write(bytes("ask " + i));
            assertThat(read(server.far)).isEqualTo("ask " + i);
            server.far.write(bytes("answer " + i));
            assertThat(read(client.near)).isEqualTo("answer " + i);
          });
      assertThat(splice.unsplice().toCompletableFuture().join().fromFirst()).isEmpty();
      assertThat(fid.mapEntries()).isZero();
      client.near.write(bytes("more"));
      assertThat(client.far.isBlocking()).isTrue();
      assertThat(read(client.far)).isEqualTo("more");
      client.far.write(bytes("and back"));
      assertThat(read(client.near)).isEqualTo("and back");
    }
  }

  /// What was read goes first, with a length in front of each, into a stream.
  @Test
  void besideAStream() throws Exception {
    try (Fid fid = Fid.open();
        Wire client = Wire.open();
        ServerSocketChannel listener =
            ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketChannel near = SocketChannel.open(listener.getLocalAddress());
        SocketChannel far = listener.accept()) {
      client.near.write(bytes("third"));
      SpliceHandle splice =
          fid.splice(
                  NioParty.of(client.far, List.of(bytes("first"), bytes("second")), _ -> {}),
                  NioParty.of(near),
                  SpliceOptions.datagrams().withFraming(Framing.LEN16))
              .toCompletableFuture()
              .join();
      ByteBuffer all = ByteBuffer.allocate(22);
      while (all.hasRemaining() && far.read(all) > 0) {
        // more
      }
      assertThat(new String(all.array(), US_ASCII)).isEqualTo("\0\5first\0\6second\0\5third");
      far.write(bytes("\0\6answer"));
      assertThat(read(client.near)).isEqualTo("answer");
      far.shutdownOutput();
      splice.close();
      assertThat(splice.closed().toCompletableFuture().join().outcome())
          .isInstanceOf(SpliceStats.Outcome.Aborted.class);
    }
  }

  @Test
  void theRightDescriptorIsFoundAmongMany() throws Exception {
    try (Wire wanted = Wire.open();
        Wire other = Wire.open()) {
      int before = wanted.near.getOption(StandardSocketOptions.SO_SNDBUF);
      int found = ChannelDescriptor.duplicate(wanted.near);
      int second = ChannelDescriptor.duplicate(other.near);
      try {
        assertThat(Sockets.localName(found).port()).isEqualTo(port(wanted.near));
        assertThat(Sockets.localName(second).port()).isEqualTo(port(other.near));
        assertThat(wanted.near.getOption(StandardSocketOptions.SO_SNDBUF)).isEqualTo(before);
      } finally {
        Fds.close(found);
        Fds.close(second);
      }
    }
  }

  private static int port(DatagramChannel channel) throws IOException {
    return ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  @Test
  void whatCannotBeSplicedIsRefusedWithTheReason() throws Exception {
    try (Fid fid = Fid.open();
        Wire wire = Wire.open();
        Wire registered = Wire.open();
        Selector selector = Selector.open();
        DatagramChannel unconnected = DatagramChannel.open()) {
      registered.near.configureBlocking(false).register(selector, SelectionKey.OP_READ);
      assertRefused(fid, wire, unconnected, "it is not connected: connect it");
      assertRefused(fid, wire, registered.near, "registered with a selector: cancel its keys");
      wire.far.write(bytes("still there"));
      assertThat(read(wire.near)).isEqualTo("still there");
    }
  }

  private static void assertRefused(Fid fid, Wire wire, DatagramChannel channel, String reason) {
    var splice = fid.splice(NioParty.of(wire.near), NioParty.of(channel)).toCompletableFuture();
    assertThatThrownBy(splice::join)
        .hasMessageContaining("cannot be spliced: ")
        .hasMessageContaining(reason);
  }
}
