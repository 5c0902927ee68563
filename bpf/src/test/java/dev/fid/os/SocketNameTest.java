package dev.fid.os;

import static dev.fid.os.Sockets.AF_INET;
import static dev.fid.os.Sockets.AF_INET6;
import static dev.fid.os.Sockets.AF_UNIX;
import static dev.fid.os.Sockets.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketNameTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,        80, 127.0.0.1:80",
    "255.254.253.252,  65535, 255.254.253.252:65535",
    "0.0.0.0,          0, 0.0.0.0:0",
    "::1,              443, [::1]:443",
    "2001:db8:0:0::ff, 40000, [2001:db8::ff]:40000",
  })
  void anInternetNameReadsAsPeopleWriteIt(String host, int port, String text) throws Exception {
    SocketName name = SocketName.inet(InetAddress.ofLiteral(host), port);
    assertThat(name).hasToString(text);
    assertThat(name.port()).isEqualTo(port);
    assertThat(InetAddress.ofLiteral(name.host())).isEqualTo(InetAddress.getByName(host));
  }

  @Test
  void aScopeIsKept() throws Exception {
    byte[] linkLocal = InetAddress.ofLiteral("fe80::1").getAddress();
    SocketName name = SocketName.inet(Inet6Address.getByAddress(null, linkLocal, 3), 1);
    assertThat(name).hasToString("[fe80::1%3]:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3"})
  void theKernelGivesBackAnIpv4Name(String host) throws Exception {
    roundTrip(AF_INET, SocketName.inet(InetAddress.ofLiteral(host), 0), host);
  }

  @Test
  void theKernelGivesBackAnIpv6Name() throws Exception {
    roundTrip(AF_INET6, SocketName.inet(InetAddress.ofLiteral("::1"), 0), "::1");
  }

  private static void roundTrip(int domain, SocketName asked, String host) throws Exception {
    try (SocketPair pair = SocketPair.connected(domain, asked)) {
      SocketName bound = Sockets.localName(pair.listener());
      assertThat(bound.family()).isEqualTo(domain);
      assertThat(bound.host()).isEqualTo(host);
      assertThat(bound.port()).isPositive();
      assertThat(bound).isEqualTo(SocketName.inet(InetAddress.ofLiteral(host), bound.port()));
      assertThat(Sockets.peerName(pair.client())).isEqualTo(bound).hasSameHashCodeAs(bound);
      assertThat(Sockets.peerName(pair.server())).isEqualTo(Sockets.localName(pair.client()));
      assertThat(Sockets.localName(pair.client())).isNotEqualTo(bound);
    }
  }

  @Test
  void theKernelGivesBackAPath(@TempDir Path folder) throws Exception {
    String path = folder.resolve("é.sock").toString();
    try (SocketPair pair = SocketPair.connected(AF_UNIX, SocketName.unix(path))) {
      assertThat(Files.exists(Path.of(path))).isTrue();
      assertThat(Sockets.localName(pair.listener())).isEqualTo(SocketName.unix(path));
      assertThat(Sockets.peerName(pair.client())).hasToString(path);
      assertThat(Sockets.peerName(pair.server())).hasToString("unnamed");
      assertThat(Sockets.peerName(pair.server()).host()).isEmpty();
    }
  }

  @Test
  void theKernelGivesBackAnAbstractName() throws Exception {
    SocketName name = SocketPair.anyAbstractName();
    try (SocketPair pair = SocketPair.connected(AF_UNIX, name)) {
      assertThat(Sockets.localName(pair.listener())).isEqualTo(name);
      assertThat(name.host()).startsWith("@fid-test-");
      assertThat(name.port()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tmp/fid-test-", "@fid-test-"})
  void theLongestNameIsBoundAndALongerOneRefused(String start) throws Exception {
    int most = start.startsWith("@") ? 108 : 107;
    String longest = start + "x".repeat(most - start.length());
    int fd = Sockets.socket(AF_UNIX, SOCK_STREAM);
    try {
      Sockets.bind(fd, SocketName.unix(longest));
      assertThat(Sockets.localName(fd).host()).isEqualTo(longest);
    } finally {
      Fds.close(fd);
      Files.deleteIfExists(Path.of(longest));
    }
    assertThatThrownBy(() -> SocketName.unix(longest + "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining((most + 1) + " bytes")
        .hasMessageContaining("at most " + most);
  }

  @Test
  void theLimitCountsBytesNotCharacters() {
    assertThatThrownBy(() -> SocketName.unix("/" + "é".repeat(60)))
        .hasMessageContaining("121 bytes");
  }

  @Test
  void aVsockNameIsLaidOutAsInC() {
    SocketName name = SocketName.vsock(3, 0xfedc_ba98L);
    assertThat(name.family()).isEqualTo(Sockets.AF_VSOCK);
    assertThat(name.vsockPort()).isEqualTo(0xfedc_ba98L);
    assertThat(name).hasToString("3:4275878552");
    assertThat(name.port()).isZero();
    assertThat(name.host()).isEmpty();
    assertThat(name.sockaddr().toArray(ValueLayout.JAVA_INT))
        .containsExactly(Sockets.AF_VSOCK, 0xfedc_ba98, 3, 0);
    assertThat(
            SocketName.vsock(SocketName.VSOCK_ANY, SocketName.VSOCK_ANY)
                .sockaddr()
                .toArray(ValueLayout.JAVA_INT))
        .containsExactly(Sockets.AF_VSOCK, -1, -1, 0);
  }

  @Test
  void namesThatNoSocketHasAreRefused() throws Exception {
    InetAddress any = InetAddress.ofLiteral("0.0.0.0");
    assertThatThrownBy(() -> SocketName.unix("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SocketName.unix("/a\0b")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SocketName.inet(any, 65536)).hasMessageContaining("65536");
    assertThatThrownBy(() -> SocketName.inet(any, -1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> SocketName.vsock(1L << 32, 1)).hasMessageContaining("4294967296:1");
    assertThatThrownBy(() -> SocketName.vsock(1, -1)).hasMessageContaining("1:-1 is not of 32");
  }
}
