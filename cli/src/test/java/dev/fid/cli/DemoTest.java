package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.pipe.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DemoTest {
  private static final Duration SHORT = Duration.ofMillis(100);

  @Test
  @RequiresBpf
  void showsTheKernelAtWork() {
    Cli cli = Cli.run("demo", "--duration", "100ms");

    assertThat(cli.err()).isEmpty();
    assertThat(cli.exit()).isZero();
    assertThat(cli.out())
        .containsPattern("tcp-to-tcp: tcp://127.0.0.1:\\d+ -> tcp://127.0.0.1:\\d+, ")
        .containsPattern("tcp-to-unix: tcp://127.0.0.1:\\d+ -> unix:///.*/echo.sock, ");
    assertThat(cli.out().lines().filter(line -> line.contains("round trips "))).hasSize(2);
    assertThat(cli.out().lines().filter(line -> line.contains("throughput "))).hasSize(2);
    assertThat(cli.out()).contains("in kernel").doesNotContain("by the kernel 0 B");
  }

  @Test
  void saysWhyTheKernelPathCannotWork() throws IOException, InterruptedException {
    try (FidProcess fid = FidProcess.startWithoutCapabilities("demo", "--duration", "100ms")) {
      assertThat(fid.exit()).isZero();
      assertThat(fid.output())
          .anyMatch(line -> line.contains("does not work here: ") && line.contains("CAP_BPF"))
          .anyMatch(line -> line.contains("by the kernel 0 B"))
          .noneMatch(line -> line.contains("by the relay 0 B"));
    }
  }

  @Test
  void showsTheRelayAtWork() {
    Cli cli = Cli.run("demo", "--relay", "--duration", "100ms");

    assertThat(cli.exit()).isZero();
    assertThat(cli.out())
        .contains("relayed", "by the kernel 0 B, by the pump 0 B")
        .doesNotContain("by the relay 0 B");
  }

  @Test
  void countsWhatComesBack() throws IOException, InterruptedException {
    try (EchoBackend backend = EchoBackend.start()) {
      DemoTraffic traffic = new DemoTraffic((Address.Tcp) backend.tcp(), SHORT);

      DemoTraffic.Result small = traffic.roundTrips(3, 64);
      DemoTraffic.Result bulk = traffic.bulk();

      assertThat(small.count()).isGreaterThanOrEqualTo(3);
      assertThat(small.bytes()).isEqualTo(small.count() * 64);
      assertThat(bulk.bytes()).isPositive();
      assertThat(bulk.nanos()).isGreaterThanOrEqualTo(SHORT.toNanos());
    }
  }

  @Test
  void noticesAByteThatCameBackWrong() throws IOException {
    try (ServerSocket liar = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> echoOneWrong(liar));
      DemoTraffic traffic =
          new DemoTraffic(new Address.Tcp("127.0.0.1", liar.getLocalPort()), SHORT);

      assertThatThrownBy(traffic::bulk)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("byte 1000 came back wrong");
    }
  }

  private static void echoOneWrong(ServerSocket listener) {
    try (Socket socket = listener.accept()) {
      byte[] bytes = socket.getInputStream().readNBytes(4096);
      bytes[1000]++;
      socket.getOutputStream().write(bytes);
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // The client has seen enough.
    }
  }
}
