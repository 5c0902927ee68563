package dev.fid.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficMainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "traffic --connections 4 --bytes 1MiB --up 100KiB --pauses 0.1 --runs 3 --write 5000",
        "traffic --connections 2 --bytes 100 --ending at-end --stall downstream --stall-for 50",
        "short --connections 300 --at-once 8",
        "ping --connections 20 --round-trips 5 --idle 10",
        "stall --direction downstream --hold 0",
      })
  void aCleanRunEndsWithZero(String words) throws Exception {
    assertThat(run(Tamper::none, words)).as(err.toString(UTF_8)).isZero();
    assertThat(out.toString(UTF_8)).startsWith("clean: ").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"traffic --bytes 10000", "short --connections 30", "stall --hold 0"})
  void aWrongByteEndsWithOne(String words) throws Exception {
    assertThat(run(() -> Tamper.flipBit(30), words)).isEqualTo(1);
    assertThat(out.toString(UTF_8)).startsWith("WRONG: ").contains("corrupt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dance", "traffic --speed 9", "short 7 8", "traffic --ending never"})
  void badUsageEndsWithTwo(String words) throws Exception {
    assertThat(run(Tamper::none, words)).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("usage:");
  }

  @Test
  void anAddressInUseEndsWithOne() throws Exception {
    try (BackEnd taken = BackEnd.listen(Addresses.tcp())) {
      String uri = uri(taken.address());
      assertThat(drive("traffic", "--front", uri, "--back", uri)).isEqualTo(1);
      assertThat(err.toString(UTF_8)).contains("listen on");
    }
  }

  private int run(Supplier<Tamper> tamper, String words) throws Exception {
    SocketAddress back = Addresses.unix(directory, "back");
    try (PlainRelay relay = PlainRelay.tampered(Addresses.tcp(), back, tamper)) {
      Stream<String> addresses =
          Stream.of("--front", uri(relay.address()), "--back", "unix://" + back);
      return drive(Stream.concat(Stream.of(words.split(" ")), addresses).toArray(String[]::new));
    }
  }

  private int drive(String... words) throws InterruptedException {
    return TrafficMain.run(
        words, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  private static String uri(SocketAddress address) {
    return "tcp://127.0.0.1:" + ((InetSocketAddress) address).getPort();
  }
}
