package dev.fid.transport.nio;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.Fid;
import dev.fid.FidOptions;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Fds;
import dev.fid.os.Sockets;
import dev.fid.splice.HalfClose;
import dev.fid.splice.KernelPath;
import dev.fid.splice.LanePlan;
import dev.fid.splice.SpliceOptions;
import dev.fid.splice.SpliceStats;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import dev.fid.transport.SplicingApplication;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NioPartyTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @RequiresBpf
  @ParameterizedTest
  @CsvSource({"tcp,tcp", "tcp,unix", "unix,tcp", "unix,unix"})
  void everyByteArrivesByTheKernel(String front, String back) throws Exception {
    splices(front, back, FidOptions.defaults());
  }

  @ParameterizedTest
  @CsvSource({"tcp,unix", "unix,tcp"})
  void everyByteArrivesRelayed(String front, String back) throws Exception {
    splices(front, back, FidOptions.defaults().withKernel(false));
  }

  private void splices(String front, String back, FidOptions options) throws Exception {
    SocketAddress at = Addresses.of(front, folder, "front");
    OpenFiles before = null;
    for (int round = 0; round < 2; round++) {
      try (Fid fid = Fid.open(options);
          BackEnd backEnd = BackEnd.listen(Addresses.of(back, folder, "back" + round));
          ServerSocketChannel listener = listen(at, round);
          SplicingApplication application =
              new SplicingApplication(
                  fid,
                  listener,
                  listener::accept,
                  () -> SocketChannel.open(backEnd.address()),
                  NioParty::of,
                  SpliceOptions.defaults())) {
        TrafficPlan plan = new TrafficPlan(8, 4 << 20).pauses(0.05, Duration.ofMillis(2));
        Traffic.run(listener.getLocalAddress(), backEnd, plan).assertClean();
        assertThat(application.failures()).isEmpty();
        while (application.ended().size() < 8) {
          Thread.sleep(5);
        }
        assertThat(application.ended())
            .allMatch(end -> end.outcome() instanceof SpliceStats.Outcome.Completed);
        // A client that has half-closed by the time of the splice is relayed to.
        assertThat(application.ended().stream().anyMatch(end -> end.downstream().kernelBytes() > 0))
            .isEqualTo(front.equals("tcp") && options.useKernel());
        assertThat(fid.mapEntries()).isZero();
      }
      // What the JVM opens once it keeps.
      if (before != null) {
        before.assertBack(LONG);
      }
      before = OpenFiles.self();
    }
  }

  private static ServerSocketChannel listen(SocketAddress address, int round) throws Exception {
    if (address instanceof UnixDomainSocketAddress unix) {
      Path path = Path.of(unix.getPath().toString() + round);
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
          .bind(UnixDomainSocketAddress.of(path));
    }
    return ServerSocketChannel.open().bind(address);
  }

  /// A connection, both ends of which are here.
  private record Wire(SocketChannel near, SocketChannel far) implements AutoCloseable {
    static Wire open() throws Exception {
      try (ServerSocketChannel listener = ServerSocketChannel.open().bind(Addresses.tcp())) {
        SocketChannel near = SocketChannel.open(listener.getLocalAddress());
        return new Wire(near, listener.accept());
      }
    }

    @Override
    public void close() throws IOException {
      near.close();
      far.close();
    }
  }

  @Test
  void theRightDescriptorIsFoundAmongMany() throws Exception {
    try (Wire wanted = Wire.open();
        Wire other = Wire.open()) {
      wanted.near.setOption(StandardSocketOptions.SO_LINGER, 5);
      int found = ChannelDescriptor.duplicate(wanted.near);
      int second = ChannelDescriptor.duplicate(other.near);
      try {
        assertThat(Sockets.localName(found).port()).isEqualTo(port(wanted.near));
        assertThat(Sockets.localName(second).port()).isEqualTo(port(other.near));
        assertThat(wanted.near.getOption(StandardSocketOptions.SO_LINGER)).isEqualTo(5);
        assertThat(ChannelDescriptor.isAsked()).as("sun.nio.ch is not exported here").isFalse();
      } finally {
        Fds.close(found);
        Fds.close(second);
      }
    }
  }

  private static int port(SocketChannel channel) throws Exception {
    return ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  /// A header is read, the rest spliced; then the channels, still in blocking mode, are used again.
  @Test
  void whatWasReadGoesFirstAndTheChannelsComeBack() throws Exception {
    try (Fid fid = Fid.open();
        Wire client = Wire.open();
        Wire server = Wire.open()) {
      client.near.write(ByteBuffer.wrap("HEADbody".getBytes(US_ASCII)));
      ByteBuffer head = ByteBuffer.allocate(6);
      readFully(client.far, head);
      var returned = new CompletableFuture<>();
      var splice =
          fid.splice(
                  NioParty.of(client.far, head.duplicate().position(4), returned::complete),
                  NioParty.of(server.near),
                  SpliceOptions.defaults().withHalfClose(HalfClose.END))
              .toCompletableFuture()
              .join();
      assertReads(server.far, "body");
      server.far.write(ByteBuffer.wrap("answer".getBytes(US_ASCII)));
      assertReads(client.near, "answer");
      if (fid.kernelPath() instanceof KernelPath.Available) {
        assertThat(splice.stats().upstream().plan()).isEqualTo(new LanePlan.InKernel());
      }
      splice.unsplice().toCompletableFuture().join();
      returned.join();
      client.near.write(ByteBuffer.wrap("more".getBytes(US_ASCII)));
      assertThat(client.far.isBlocking()).isTrue();
      assertReads(client.far, "more");
    }
  }

  private static void assertReads(SocketChannel channel, String text) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(text.length());
    readFully(channel, buffer);
    assertThat(new String(buffer.array(), US_ASCII)).isEqualTo(text);
  }

  private static void readFully(SocketChannel channel, ByteBuffer buffer) throws Exception {
    while (buffer.hasRemaining()) {
      assertThat(channel.read(buffer)).isPositive();
    }
    buffer.flip();
  }

  @Test
  void whatCannotBeSplicedIsRefusedWithTheReason() throws Exception {
    try (Fid fid = Fid.open();
        Wire wire = Wire.open();
        SocketChannel unconnected = SocketChannel.open();
        Selector selector = Selector.open();
        Wire registered = Wire.open()) {
      SocketChannel closed = SocketChannel.open();
      closed.close();
      registered.near.configureBlocking(false).register(selector, SelectionKey.OP_READ);

      assertRefused(fid, wire, closed, "it is closed");
      assertRefused(fid, wire, unconnected, "it is not connected");
      assertRefused(fid, wire, registered.near, "registered with a selector: cancel its keys");
      wire.far.write(ByteBuffer.wrap("still there".getBytes(US_ASCII)));
      assertReads(wire.near, "still there");
    }
  }

  private static void assertRefused(Fid fid, Wire wire, SocketChannel channel, String reason) {
    var splice = fid.splice(NioParty.of(wire.near), NioParty.of(channel)).toCompletableFuture();
    assertThatThrownBy(splice::join)
        .hasMessageContaining("cannot be spliced: ")
        .hasMessageContaining(reason);
  }
}
