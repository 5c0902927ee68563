package dev.fid.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fid.splice.Family;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "tcp://127.0.0.1:80, 127.0.0.1, 80",
    "tcp://localhost:0, localhost, 0",
    "tcp://a_b.example.:65535, a_b.example., 65535",
    "tcp://[::1]:80, ::1, 80",
    "tcp://[fe80::1%eth0]:80, fe80::1%eth0, 80",
  })
  void readsTcpAndWritesItBack(String uri, String host, int port) {
    Address address = Address.parse(uri);
    assertThat(address).isEqualTo(new Address.Tcp(host, port)).hasToString(uri);
    assertThat(address.family()).isEqualTo(Family.TCP);
  }

  @ParameterizedTest
  @CsvSource({
    "unix:///run/app.sock, /run/app.sock, false",
    "unix:///run/a%20b, /run/a%20b, false",
    "unix://@app, @app, true",
  })
  void readsUnixAndWritesItBack(String uri, String path, boolean isAbstract) {
    Address.Unix address = (Address.Unix) Address.parse(uri);
    assertThat(address).isEqualTo(new Address.Unix(path)).hasToString(uri);
    assertThat(address.isAbstract()).isEqualTo(isAbstract);
    assertThat(address.family()).isEqualTo(Family.UNIX_STREAM);
  }

  @Test
  void readsDatagramsAndWritesThemBack() {
    assertThat(Address.parse("udp://[::1]:53"))
        .isEqualTo(new Address.Udp("::1", 53))
        .hasToString("udp://[::1]:53");
    assertThat(Address.parse("udp://[::1]:53").family()).isEqualTo(Family.UDP);
    assertThat(Address.parse("unix+dgram:///run/log"))
        .isEqualTo(new Address.UnixDatagram("/run/log"))
        .hasToString("unix+dgram:///run/log");
    assertThat(Address.parse("unix+dgram://@log").family()).isEqualTo(Family.UNIX_DATAGRAM);
    refused("udp://::1:53", "write udp://[ADDRESS]:PORT");
    refused("udp://h", "write udp://h:PORT");
    refused("unix+dgram://run/log", "write unix+dgram:///run/log, or unix+dgram://@NAME");
  }

  @ParameterizedTest
  @CsvSource({
    "vsock://3:5000, 3, 5000",
    "vsock://4294967294:4294967294, 4294967294, 4294967294",
    "vsock://any:0, 4294967295, 0",
    "vsock://local:80, 1, 80",
    "vsock://host:80, 2, 80",
  })
  void readsVsockAndWritesItBack(String uri, long cid, long port) {
    Address address = Address.parse(uri);
    assertThat(address).isEqualTo(new Address.Vsock(cid, port)).hasToString(uri);
    assertThat(address.family()).isEqualTo(Family.VSOCK);
  }

  @Test
  void aNamedCidIsItsNumber() {
    assertThat(Address.parse("vsock://2:5")).hasToString("vsock://host:5");
    assertThat(Address.parse("vsock://1:5")).isEqualTo(Address.parse("vsock://local:5"));
  }

  @ParameterizedTest
  @CsvSource({
    "vsock://, has no port: write vsock://:PORT",
    "vsock://3, has no port: write vsock://3:PORT",
    "vsock://3:, has no port: write vsock://3:PORT",
    "vsock://:1, is no CID",
    "vsock://0:1, : '0' is no CID",
    "vsock://4294967295:1, : '4294967295' is no CID",
    "vsock://99999999999:1, : '99999999999' is no CID",
    "vsock://03:1, : '03' is no CID",
    "vsock://-1:1, : '-1' is no CID",
    "vsock://lokal:1, did you mean 'local'?: write",
    "vsock://3:x, port 'x' is not a number in 0..4294967294",
    "vsock://3:4294967295, port '4294967295' is not",
    "vsock://3:1:2, port '1:2' is not",
    "vsock://3:1/x, goes on after its port: write vsock://3:1",
  })
  void saysWhatIsWrongWithVsock(String uri, String reason) {
    refused(uri, reason);
  }

  @ParameterizedTest
  @CsvSource({
    "udp://h:0, names no port: 0 is only for listen",
    "tcp://h:0, names no port: 0 is only for listen",
    "vsock://3:0, names no port: 0 is only for listen",
    "vsock://any:1, names no machine: any is only for listen",
    "tcp://h:1, ''",
    "vsock://3:1, ''",
    "unix:///x, ''",
  })
  void knowsWhereNoConnectCanGo(String uri, String reason) {
    assertThat(Address.parse(uri).onlyForListen()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "tpc://h:1, did you mean 'tcp'?",
    "UNIX:///x, did you mean 'unix'?",
    "unxi:///x, did you mean 'unix'?",
    "unix-dgram:///x, did you mean 'unix+dgram'?",
    "unix+seqpaket:///x, did you mean 'unix+seqpacket'?",
    "unix+seqpacket://x, write unix+seqpacket:///x",
    "vsock+seqpacket://3:1, 'vsock SEQPACKET is not carried, as the kernel cuts its messages'",
    "https://h, 'unknown scheme ''https'' (known: tcp://, udp://, unix://, unix+dgram://, unix+seqpacket://, vsock://)'",
    "127.0.0.1:80, has no scheme",
    "unix:/x, has no scheme",
    "'', has no scheme",
  })
  void namesTheSchemes(String uri, String reason) {
    refused(uri, reason);
  }

  @ParameterizedTest
  @CsvSource({
    "tcp://, has no port",
    "tcp://h, write tcp://h:PORT",
    "tcp://h:, write tcp://h:PORT",
    "tcp://[::1], write tcp://[::1]:PORT",
    "tcp://:1, write 0.0.0.0 or [::]",
    "tcp://*:1, write 0.0.0.0 or [::]",
    "tcp://h:x, port 'x' is not a number in 0..65535",
    "tcp://h:-1, port '-1' is not",
    "tcp://h:080, port '080' is not",
    "tcp://h:65536, port '65536' is not",
    "tcp://::1:80, stands in brackets",
    "tcp://h:1/x, goes on after its port: write tcp://h:1",
    "tcp://[1.2.3.4]:1, is no IPv6 address",
    "tcp://[::1%]:1, is no IPv6 address",
    "tcp://[::g]:1, is no IPv6 address",
    "tcp://127.1:1, is no IPv4 address",
    "tcp://010.0.0.1:1, is no IPv4 address",
    "tcp://1.2.3.4.5:1, is no IPv4 address",
    "tcp://a b:1, is no host name",
    "tcp://user@h:1, is no host name",
    "tcp://.:1, is no IPv4 address",
    "tcp://-a:1, is no host name",
  })
  void saysWhatIsWrongWithTcp(String uri, String reason) {
    refused(uri, reason);
  }

  @ParameterizedTest
  @CsvSource({
    "unix://, write unix:///PATH",
    "unix://run/x, write unix:///run/x",
    "unix:///, names a directory",
    "unix:///run/, names a directory",
    "unix://@, has no name",
  })
  void saysWhatIsWrongWithUnix(String uri, String reason) {
    refused(uri, reason);
  }

  @Test
  void refusesAZeroByte() {
    refused("unix:///a\0b", "address 'unix:///a\\0b' contains a zero byte");
  }

  @Test
  void countsTheBytesOfAPath() {
    assertThat(Address.parse("unix:///" + "a".repeat(106))).isNotNull();
    assertThat(Address.parse("unix://@" + "a".repeat(107))).isNotNull();
    refused("unix:///" + "a".repeat(107), "108 bytes, where a UNIX socket's address has room");
    refused("unix://@" + "a".repeat(108), "108 bytes");
    refused("unix:///" + "ö".repeat(54), "109 bytes");
  }

  private static void refused(String uri, String reason) {
    assertThatExceptionOfType(AddressException.class)
        .isThrownBy(() -> Address.parse(uri))
        .withMessageContaining(reason);
  }
}
