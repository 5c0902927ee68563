package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A backend that is down or does not accept fails the connections that wait for it, and no other.
@RequiresBpf
final class BackEndTroubleTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void aBackEndThatIsDown(Pair pair) throws Exception {
    Bed.warmUp(pair, directory);
    OpenFiles before = OpenFiles.self();
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.open(Bed.spec(pair, directory, back.address()), true);
        Wire earlier = Wire.open(bed.front(), back, Bed.PATIENCE)) {
      Bed.closeNow(back);
      for (int i = 0; i < 10; i++) {
        try (SocketChannel client = SocketChannel.open(bed.front())) {
          assertEnds(client, pair);
        } catch (SocketException e) {
          assertThat(e).hasMessageContaining("reset"); // before connect(2) had returned
        }
      }
      Until.holds(
          () -> "not all failed: " + bed.stats(),
          () -> bed.stats().failed() == 10 && bed.stats().live() == 1);
      assertCarries(earlier.client(), earlier.server());
      Bed.closeNow(earlier);
      bed.assertNothingLeft();
    }
    before.assertBack(Bed.PATIENCE);
  }

  @ParameterizedTest
  @EnumSource
  void aBackEndThatDoesNotAccept(Pair pair) throws Exception {
    try (ServerSocketChannel back = full(pair);
        Bed bed =
            Bed.open(
                Bed.spec(pair, directory, back.getLocalAddress())
                    .connectTimeout(Duration.ofMillis(300)),
                true)) {
      List<SocketChannel> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(SocketChannel.open(bed.front()));
      }
      Until.holds(() -> "none failed: " + bed.stats(), () -> bed.stats().failed() > 0);
      Until.holds(
          () -> "undecided: " + bed.stats(),
          () -> bed.stats().failed() + bed.stats().spliced() + bed.stats().relayed() == 8);
      long failed = bed.stats().failed();
      Thread server = Thread.ofVirtual().start(() -> echoOne(back));
      // Whoever failed was told; whoever waited in the queue works.
      long ended = 0;
      for (SocketChannel client : clients) {
        if (echoes(client)) {
          client.close();
        } else {
          ended++;
        }
      }
      assertThat(ended).isEqualTo(failed);
      bed.assertNothingLeft();
      Bed.closeNow(back);
      server.join();
    }
  }

  private ServerSocketChannel full(Pair pair) throws IOException {
    SocketAddress address = Addresses.of(pair.back, directory, "full");
    ServerSocketChannel listener =
        pair.back.equals("unix")
            ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
    return listener.bind(address, 1);
  }

  /// Answers a byte on each connection, until the listener is closed.
  private static void echoOne(ServerSocketChannel listener) {
    while (true) {
      try {
        SocketChannel next = listener.accept();
        Thread.startVirtualThread(() -> answer(next));
      } catch (ClosedChannelException _) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void answer(SocketChannel channel) {
    try (channel) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one);
      channel.write(one.flip());
      channel.read(one.clear());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean echoes(SocketChannel client) {
    try {
      client.write(ByteBuffer.wrap(new byte[] {7}));
      return client.read(ByteBuffer.allocate(1)) == 1;
    } catch (IOException _) {
      return false; // it was reset
    }
  }

  private static void assertCarries(SocketChannel from, SocketChannel to) throws IOException {
    from.write(ByteBuffer.wrap(new byte[] {7}));
    ByteBuffer read = ByteBuffer.allocate(1);
    assertThat(to.read(read)).isEqualTo(1);
    assertThat(read.get(0)).isEqualTo((byte) 7);
  }

  private static void assertEnds(SocketChannel client, Pair pair) {
    try {
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(pair.front).as("a TCP client is reset").isEqualTo("unix");
    } catch (IOException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }
}
