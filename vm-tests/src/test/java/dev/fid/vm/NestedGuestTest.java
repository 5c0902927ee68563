package dev.fid.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.Fid;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.PipeStats;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.Echo;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.PingPong;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pipes between the sockets of this machine and a guest. Booting one takes minutes, so all tests
/// share it, and the one that kills it is the last.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class NestedGuestTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int PIECE = 64 << 10;

  private static NestedGuest guest;

  @TempDir private Path directory;
  private Fid fid;

  @BeforeAll
  static void boot(@TempDir Path consoles) throws Exception {
    guest = NestedGuest.boot(consoles);
  }

  @AfterAll
  static void turnOff() throws Exception {
    guest.close();
  }

  @BeforeEach
  @SuppressWarnings("MustBeClosedChecker") // closed after each
  void open() throws IOException {
    fid = Fid.open();
  }

  @AfterEach
  void close() {
    fid.close();
  }

  /// Clients here, the server in the guest: round trips, some larger than a packet of vsock.
  @ParameterizedTest
  @ValueSource(strings = {"tcp", "unix"})
  @Order(1)
  void clientsReachAServerInTheGuest(String family) throws Exception {
    Pipe pipe = pipe(front(family), guestPort(NestedGuest.ECHO));
    try (PingPong crowd = PingPong.open(socketAddress(pipe), 8)) {
      crowd.talk(20, 100, PATIENCE).assertClean();
      crowd.talk(4, 2 * PIECE, PATIENCE).assertClean();
    }
    assertSpliced(pipe, 8 * (20L * 100 + 4L * 2 * PIECE));
  }

  /// The client in the guest, the server here; it half-closes, and gets the end back after the last
  /// byte.
  @ParameterizedTest
  @ValueSource(strings = {"tcp", "unix"})
  @Order(2)
  void aClientInTheGuestReachesAServer(String family) throws Exception {
    long bytes = 2 << 20;
    try (Echo echo = Echo.listen(Addresses.of(family, directory, "back"))) {
      Pipe pipe = pipe("vsock://any:0", uri(echo.address()));
      assertThat(drive(pipe, bytes)).isEqualTo("ok");
      assertThat(echo.accepted()).isEqualTo(1);
      assertSpliced(pipe, bytes);
    }
  }

  /// Whoever talks with it learns that it is gone, in both roles, and nothing is left of its
  /// connections.
  @Test
  @Order(3)
  void aGuestThatIsKilledEndsItsSplices() throws Exception {
    OpenFiles before = OpenFiles.self();
    try (Echo echo = Echo.listen(Addresses.tcp())) {
      Pipe in = pipe("tcp://127.0.0.1:0", guestPort(NestedGuest.ECHO));
      Pipe out = pipe("vsock://any:0", uri(echo.address()));
      Pipe drive = pipe("tcp://127.0.0.1:0", guestPort(NestedGuest.DRIVE));
      try (SocketChannel client = SocketChannel.open(socketAddress(in));
          SocketChannel order = SocketChannel.open(socketAddress(drive))) {
        order(order, out, Long.MAX_VALUE);
        await(() -> out.stats().upstream().bytes() > PIECE);
        Thread writer = Thread.ofPlatform().daemon().start(() -> writeForEver(client));
        readAtLeast(client, PIECE);

        guest.kill();
        assertThat(readToEnd(client)).isNotNegative();
        writer.join();
        assertThat(readToEnd(order)).isNotNegative();
        await(() -> echo.open() == 0);
      }
      for (Pipe pipe : new Pipe[] {in, out, drive}) {
        await(() -> pipe.stats().live() == 0);
      }
      await(() -> fid.mapEntries() == 0);
      in.close();
      out.close();
      drive.close();
    }
    before.assertBack(PATIENCE);
  }

  private Pipe pipe(String listen, String connect) throws IOException {
    Pipe pipe =
        fid.bind(
            PipeSpec.builder("pipe")
                .listen(listen)
                .connect(connect)
                .connectTimeout(PATIENCE)
                .build());
    pipe.start();
    return pipe;
  }

  private String front(String family) {
    return family.equals("tcp") ? "tcp://127.0.0.1:0" : "unix://" + directory.resolve("front");
  }

  private static String guestPort(int port) {
    return "vsock://" + NestedGuest.CID + ":" + port;
  }

  /// Has the guest connect to the pipe and send so many bytes; what it says of it.
  private String drive(Pipe pipe, long bytes) throws IOException {
    Pipe drive = pipe("tcp://127.0.0.1:0", guestPort(NestedGuest.DRIVE));
    try (SocketChannel channel = SocketChannel.open(socketAddress(drive))) {
      order(channel, pipe, bytes);
      ByteBuffer answer = ByteBuffer.allocate(256);
      while (channel.read(answer) >= 0) {}
      return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8).strip();
    }
  }

  private static void order(SocketChannel channel, Pipe pipe, long bytes) throws IOException {
    long port = ((Address.Vsock) pipe.listenAddress()).port();
    channel.write(ByteBuffer.wrap((port + " " + bytes + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  /// All the bytes went both ways and none was dropped; the kernel moved some of them.
  private static void assertSpliced(Pipe pipe, long bytes) throws InterruptedException {
    await(() -> pipe.stats().live() == 0);
    PipeStats stats = pipe.stats();
    assertThat(stats.upstream().bytes()).isEqualTo(bytes);
    assertThat(stats.downstream().bytes()).isEqualTo(bytes);
    assertThat(stats.upstream().kernelBytes() + stats.downstream().kernelBytes()).isPositive();
    assertThat(stats.upstream().droppedSkbs() + stats.downstream().droppedSkbs()).isZero();
    assertThat(stats.aborted()).isZero();
  }

  private static SocketAddress socketAddress(Pipe pipe) {
    return switch (pipe.listenAddress()) {
      case Address.Tcp tcp -> new InetSocketAddress(tcp.host(), tcp.port());
      case Address.Unix unix -> UnixDomainSocketAddress.of(unix.path());
      default -> throw new IllegalArgumentException("no clients for " + pipe.listenAddress());
    };
  }

  private static String uri(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        ? "unix://" + unix.getPath()
        : "tcp://127.0.0.1:" + ((InetSocketAddress) address).getPort();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it stays so").isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  private static void writeForEver(SocketChannel channel) {
    try {
      for (ByteBuffer piece = ByteBuffer.allocate(PIECE); ; piece.clear()) {
        channel.write(piece);
      }
    } catch (IOException _) {
      // The guest is gone.
    }
  }

  private static void readAtLeast(SocketChannel channel, long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(PIECE);
    for (long got = 0; got < bytes; ) {
      int count = channel.read(buffer.clear());
      assertThat(count).isPositive();
      got += count;
    }
  }

  /// Bytes until the end, or until the connection is reset.
  private static long readToEnd(SocketChannel channel) {
    long total = 0;
    try {
      ByteBuffer buffer = ByteBuffer.allocate(PIECE);
      for (int count = channel.read(buffer); count >= 0; count = channel.read(buffer.clear())) {
        total += count;
      }
    } catch (IOException _) {
      // Reset: that is an end too.
    }
    return total;
  }
}
