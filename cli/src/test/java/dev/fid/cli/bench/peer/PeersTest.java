package dev.fid.cli.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.cli.bench.workload.Pair;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class PeersTest {
  private static final List<Peer> ALL = Peers.all(Path.of("/no/such.jar"));

  private static Peer peer(String id) {
    return ALL.stream().filter(peer -> peer.id().equals(id)).findFirst().orElseThrow();
  }

  private static Ends ends(Pair pair) {
    return new Ends(pair, Path.of("/tmp/x"), "r", 901, 900);
  }

  @Test
  void fidComesFirst() {
    assertThat(ALL)
        .extracting(Peer::id)
        .containsExactly(
            "fid",
            "fid-bulk",
            "fid-keep",
            "fid-relay",
            "haproxy",
            "haproxy-splice",
            "nginx",
            "socat",
            "systemd",
            "netty",
            "none");
  }

  /// Each of them is told both addresses of every pair.
  @ParameterizedTest
  @EnumSource(Pair.class)
  void launchesKnowBothAddresses(Pair pair) {
    for (Peer peer : ALL) {
      if (!peer.id().equals("none") && peer.measures(pair)) {
        String text = peer.launch(ends(pair)).text();
        assertThat(text)
            .as(peer.id())
            .contains(pair.front() == Pair.Side.UNIX ? "/tmp/x/r.sock" : "901");
        assertThat(text)
            .as(peer.id())
            .contains(pair.back() == Pair.Side.UNIX ? "/tmp/x/back-end.sock" : "900");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fid, half_close: end",
    "fid-bulk, bulk: relay",
    "fid-keep, half_close: keep",
    "fid-relay, run --grace 0s --relay",
    "haproxy, option splice-auto",
    "haproxy-splice, option splice-response",
    "nginx, proxy_half_close on",
    "socat, fork",
    "systemd, --connections-max",
  })
  void launchesAreIdiomatic(String id, String has) {
    assertThat(peer(id).launch(ends(Pair.TCP_TCP)).text()).contains(has);
  }

  @Test
  void datagramsAreForThoseThatCan() {
    assertThat(ALL)
        .filteredOn(peer -> peer.measures(Pair.UDP_UDP))
        .extracting(Peer::id)
        .containsExactly("fid", "fid-relay", "nginx", "socat", "netty", "none");
    assertThat(ends(Pair.UDP_UDP).directUri()).isEqualTo("udp://127.0.0.1:900");
    assertThat(peer("nginx").launch(ends(Pair.UDP_UDP)).text()).contains("901 udp reuseport");
    assertThat(peer("socat").launch(ends(Pair.UDP_UDP)).text()).contains("UDP-LISTEN:901");
  }

  @Test
  void keepIsNoOtherWayBetweenTcpSockets() {
    assertThat(peer("fid-keep").measures(Pair.TCP_TCP)).isFalse();
    assertThat(peer("fid-keep").measures(Pair.TCP_UNIX)).isTrue();
  }

  @Test
  void onlyWhatTcpClientsSendIsRelayedAsBulk() {
    assertThat(peer("fid-bulk").measures(Pair.TCP_UNIX)).isTrue();
    assertThat(peer("fid-bulk").measures(Pair.UNIX_TCP)).isFalse();
  }

  @Test
  void whatIsMissingIsSaidWithItsPackage() {
    assertThat(Program.named("no-such-program", "its-package").missing())
        .hasValue("no-such-program is not installed: apt-get install its-package");
    assertThat(Program.named("sh", "dash").missing()).isEmpty();
    assertThat(peer("netty").missing())
        .hasValueSatisfying(
            reason -> assertThat(reason).contains("/no/such.jar", "mvn -pl bench -am package"));
  }

  @Test
  void versionsAreWhatThePrograms() {
    Program sh = Program.named("echo", "coreutils");
    assertThat(sh.versionLine("echo 1.2", "echo")).isEqualTo("echo 1.2");
    assertThat(sh.versionLine("x", "echo")).isEqualTo("of an unknown version");
    assertThat(peer("netty").version()).matches("Netty 4\\.\\d+\\..*");
  }

  @Test
  void anotherJvmIsStartedAsThisOne() {
    assertThat(JavaCommand.of(List.of(Path.of("a.jar")), "Main", List.of("x")))
        .contains("--enable-native-access=ALL-UNNAMED", "-cp")
        .noneMatch(word -> word.startsWith("-javaagent"))
        .endsWith("Main", "x")
        .anyMatch(word -> word.startsWith("a.jar:"));
  }

  /// Clients without a relay take TCP where any side does: the slower of the two.
  @Test
  void noRelayIsTheBackEndItself() {
    assertThat(ends(Pair.TCP_UNIX).directUri()).isEqualTo("tcp://127.0.0.1:900");
    assertThat(ends(Pair.UNIX_UNIX).directUri()).isEqualTo("unix:///tmp/x/back-end.sock");
    assertThat(peer("none").launch(ends(Pair.TCP_TCP)).command()).isEmpty();
  }
}
