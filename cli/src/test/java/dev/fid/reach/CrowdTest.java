package dev.fid.reach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.cli.FidProcess;
import dev.fid.testkit.Addresses;
import dev.fid.testkit.Echo;
import dev.fid.testkit.OpenFiles;
import dev.fid.testkit.PingPong;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Thousands of connections at once through one pipe of `fid run`.
@RequiresBpf
final class CrowdTest {
  private static final int CROWD = 5_000;
  private static final Pattern PORT = Pattern.compile("tcp://127\\.0\\.0\\.1:(\\d+) ->");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "unix"})
  void idleThenActive(String family) throws Exception {
    try (Echo echo = Echo.listen(Addresses.of(family, directory, "echo"));
        FidProcess fid = FidProcess.start(Map.of(), "run", pipe(echo.address()).toString())) {
      SocketAddress front = front(fid.untilReady().getFirst());
      try (PingPong warm = PingPong.open(front, 1)) {
        warm.talk(1, 1, Bed.PATIENCE).assertClean();
      }
      Until.holds(() -> "open at the echo: " + echo.open(), () -> echo.open() == 0);
      OpenFiles before = OpenFiles.of(fid.pid());
      try (PingPong crowd = PingPong.open(front, CROWD)) {
        Until.holds(() -> "open at the echo: " + echo.open(), () -> echo.open() == CROWD);
        crowd.talk(3, 700, Bed.PATIENCE).assertClean();
        assertThat(sockets(fid)).isGreaterThanOrEqualTo(2 * CROWD);
        crowd.talk(3, 700, Bed.PATIENCE).assertClean();
      }
      // Pipes are pooled: the second loop has its first ones by now.
      Until.holds(
          () -> "sockets are left: " + sockets(fid) + ", before " + before.count("socket"),
          () -> sockets(fid) <= before.count("socket"));
      fid.terminate();
      assertThat(fid.exit()).isZero();
    }
  }

  private static int sockets(FidProcess fid) {
    try {
      return OpenFiles.of(fid.pid()).count("socket");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path pipe(SocketAddress back) throws IOException {
    String yaml =
        "pipes: [{name: crowd, listen: tcp://127.0.0.1:0, connect: '%s'}]\n"
            .formatted(Bed.uri(back));
    return Files.writeString(directory.resolve("crowd.yaml"), yaml);
  }

  private static SocketAddress front(String line) {
    Matcher matcher = PORT.matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return new InetSocketAddress(
        InetAddress.getLoopbackAddress(), Integer.parseInt(matcher.group(1)));
  }
}
