package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.splice.HalfClose;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// When one side dies, the other learns of it after the last byte, nothing is left, and other
/// connections do not notice.
@RequiresBpf
final class DeathTest {
  private static final int BYTES = 300_000;

  @TempDir private Path directory;

  @ParameterizedTest
  @MethodSource("dev.fid.reach.Pair#all")
  void aKilledClient(Pair pair, HalfClose halfClose) throws Exception {
    Bed.warmUp(pair, directory);
    OpenFiles before = OpenFiles.self();
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.open(pair, halfClose, directory, back.address());
        Wire other = Wire.open(bed.front(), back, Bed.PATIENCE);
        Victim client = Victim.client(bed.front(), BYTES);
        SocketChannel server = Objects.requireNonNull(back.accept(Bed.PATIENCE.toMillis()))) {
      client.awaitSent();
      client.kill();
      assertThat(untilEnd(server)).isEqualTo(BYTES);
      Bed.closeNow(server);
      assertOnlyRemains(bed, other);
    }
    before.assertBack(Bed.PATIENCE);
  }

  @ParameterizedTest
  @MethodSource("dev.fid.reach.Pair#all")
  void aKilledServer(Pair pair, HalfClose halfClose) throws Exception {
    SocketAddress address = Addresses.of(pair.back, directory, "victim");
    SocketAddress listened = address instanceof UnixDomainSocketAddress ? address : freePort();
    Bed.warmUp(pair, directory);
    OpenFiles before = OpenFiles.self();
    try (Bed bed = Bed.open(pair, halfClose, directory, listened);
        Victim server = Victim.server(listened, BYTES);
        SocketChannel client = SocketChannel.open(bed.front())) {
      server.awaitSent();
      server.kill();
      assertThat(untilEnd(client)).isEqualTo(BYTES);
      Bed.closeNow(client);
      bed.assertNothingLeft();
    }
    before.assertBack(Bed.PATIENCE);
  }

  /// A writer that nobody reads from learns of it too.
  @ParameterizedTest
  @MethodSource("dev.fid.reach.Pair#all")
  void aClientThatIsKilledWithBytesUnread(Pair pair, HalfClose halfClose) throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.open(pair, halfClose, directory, back.address());
        Victim client = Victim.client(bed.front(), 1);
        SocketChannel server = Objects.requireNonNull(back.accept(Bed.PATIENCE.toMillis()))) {
      client.awaitSent();
      server.write(ByteBuffer.allocate(100_000));
      client.kill();
      assertThat(fails(server)).isTrue();
      Bed.closeNow(server);
      bed.assertNothingLeft();
    }
  }

  @ParameterizedTest
  @CsvSource({"TCP_TCP,KEEP", "TCP_TCP,END", "TCP_UNIX,KEEP", "TCP_UNIX,END"})
  void aResetByTheClient(Pair pair, HalfClose halfClose) throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.open(pair, halfClose, directory, back.address());
        Wire other = Wire.open(bed.front(), back, Bed.PATIENCE)) {
      try (Wire wire = Wire.open(bed.front(), back, Bed.PATIENCE)) {
        wire.client().setOption(StandardSocketOptions.SO_LINGER, 0);
        wire.client().close();
        assertThat(fails(wire.server())).isTrue();
      }
      assertOnlyRemains(bed, other);
    }
  }

  @ParameterizedTest
  @CsvSource({"TCP_TCP,KEEP", "TCP_TCP,END", "UNIX_TCP,KEEP", "UNIX_TCP,END"})
  void aResetByTheServer(Pair pair, HalfClose halfClose) throws Exception {
    try (BackEnd back = BackEnd.listen(Addresses.of(pair.back, directory, "back"));
        Bed bed = Bed.open(pair, halfClose, directory, back.address());
        Wire other = Wire.open(bed.front(), back, Bed.PATIENCE)) {
      try (Wire wire = Wire.open(bed.front(), back, Bed.PATIENCE)) {
        Wire.reset(wire.server());
        assertThat(fails(wire.client())).isTrue();
      }
      assertOnlyRemains(bed, other);
    }
  }

  /// The other connection works, is the only one, and goes without a trace as well.
  private static void assertOnlyRemains(Bed bed, Wire other)
      throws IOException, InterruptedException {
    Until.holds(() -> "live " + bed.stats().live(), () -> bed.stats().live() == 1);
    other.client().write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    ByteBuffer read = ByteBuffer.allocate(3);
    while (read.hasRemaining() && other.server().read(read) >= 0) {}
    assertThat(read.array()).containsExactly(1, 2, 3);
    other.close();
    bed.assertNothingLeft();
  }

  /// Bytes until the EOF.
  private static long untilEnd(SocketChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    long total = 0;
    for (int count = channel.read(buffer); count >= 0; count = channel.read(buffer.clear())) {
      total += count;
    }
    return total;
  }

  /// Whether reading ends, or writing comes to fail.
  private static boolean fails(SocketChannel channel) {
    try {
      return untilEnd(channel) >= 0;
    } catch (IOException _) {
      return true;
    }
  }

  /// Of an address that no client has as its own.
  private static SocketAddress freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.2"))) {
      return new InetSocketAddress(probe.getInetAddress(), probe.getLocalPort());
    }
  }
}
