package dev.fid.bench.netty;

import dev.fid.pipe.Address;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.BackEnd;
import dev.fid.testkit.Ending;
import dev.fid.testkit.Traffic;
import dev.fid.testkit.TrafficPlan;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A rival that lost bytes would be no rival.
final class NettyRelayTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"tcp,tcp", "tcp,unix", "unix,tcp", "unix,unix"})
  void losesNothing(String front, String back) throws Exception {
    run(front, back, streams().ending(Ending.AT_END));
  }

  /// Where it is the UNIX side that half-closes first, Netty loses what is still under way to it:
  /// no workload does that.
  @ParameterizedTest
  @CsvSource({"tcp,tcp", "tcp,unix"})
  void keepsHalfClosedConnections(String front, String back) throws Exception {
    run(front, back, streams().ending(Ending.CLIENT_FIRST));
  }

  @ParameterizedTest
  @CsvSource({"tcp,tcp", "unix,unix"})
  void answersClientsThatHalfCloseAtOnce(String front, String back) throws Exception {
    run(front, back, TrafficPlan.shortConnections(500, 16));
  }

  private static TrafficPlan streams() {
    return new TrafficPlan(8, 4 * MIB).pauses(0.01, Duration.ofMillis(2));
  }

  private void run(String front, String back, TrafficPlan plan) throws Exception {
    SocketAddress listen = front.equals("tcp") ? freePort() : Addresses.of(front, folder, "front");
    try (BackEnd backEnd = BackEnd.listen(Addresses.of(back, folder, "back"));
        NettyRelay _ = NettyRelay.start(address(listen), address(backEnd.address()))) {
      Traffic.repeat(listen, backEnd, plan, 1).assertClean();
    }
  }

  private static SocketAddress freePort() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalSocketAddress();
    }
  }

  private static Address address(SocketAddress address) {
    return switch (address) {
      case InetSocketAddress tcp ->
          new Address.Tcp(tcp.getAddress().getHostAddress(), tcp.getPort());
      case UnixDomainSocketAddress unix -> new Address.Unix(unix.getPath().toString());
      default -> throw new IllegalArgumentException(address.toString());
    };
  }
}
