package dev.fid.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fid.splice.Ancillary;
import dev.fid.splice.Bulk;
import dev.fid.splice.HalfClose;
import dev.fid.splice.OnUnsupported;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PipeSpecTest {
  private static PipeSpec.Builder web() {
    return PipeSpec.builder("web").listen("unix:///run/web").connect("tcp://127.0.0.1:80");
  }

  @Test
  void hasDefaults() {
    assertThat(web().build())
        .isEqualTo(
            new PipeSpec(
                "web",
                new Address.Unix("/run/web"),
                new Address.Tcp("127.0.0.1", 80),
                64,
                16 * 1024 * 1024,
                HalfClose.KEEP,
                OnUnsupported.RELAY,
                Duration.ofSeconds(3),
                Duration.ZERO,
                10_000,
                4096,
                null,
                null,
                Bulk.KERNEL,
                Ancillary.DISCARD));
  }

  @Test
  void takesEveryChoice() {
    UnixFile file = new UnixFile(0600, "app", null);
    PipeSpec spec =
        web()
            .backlog(1)
            .sendBuffer(1 << 16)
            .halfClose(HalfClose.END)
            .bulk(Bulk.RELAY)
            .onUnsupported(OnUnsupported.REFUSE)
            .connectTimeout(Duration.ofMillis(1))
            .idleTimeout(Duration.ofDays(365))
            .maxConnections(2)
            .listenBacklog(3)
            .unix(file)
            .build();
    assertThat(spec)
        .isEqualTo(
            new PipeSpec(
                "web",
                spec.listen(),
                spec.connect(),
                1,
                1 << 16,
                HalfClose.END,
                OnUnsupported.REFUSE,
                Duration.ofMillis(1),
                Duration.ofDays(365),
                2,
                3,
                file,
                null,
                Bulk.RELAY,
                Ancillary.DISCARD));
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(web().backlog(0), "backlog 0 is not in 1..4096"),
        Arguments.of(web().backlog(4097), "backlog 4097 is not in 1..4096"),
        Arguments.of(web().sendBuffer(65535), "send buffer 65535 is not in 65536..1073741824"),
        Arguments.of(web().maxConnections(0), "limit of connections 0 is not in 1..2147483647"),
        Arguments.of(web().listenBacklog(65536), "listen backlog 65536 is not in 1..65535"),
        Arguments.of(web().connectTimeout(Duration.ZERO), "connect timeout PT0S is not"),
        Arguments.of(web().connectTimeout(Duration.ofMinutes(61)), "connect timeout PT1H1M is"),
        Arguments.of(web().idleTimeout(Duration.ofNanos(-1)), "idle timeout PT-0.000000001S is"),
        Arguments.of(web().idleTimeout(Duration.ofDays(366)), "idle timeout PT8784H is not"),
        Arguments.of(
            web().connect("tcp://127.0.0.1:0"),
            "it connects to tcp://127.0.0.1:0, which names no port: 0 is only for listen"),
        Arguments.of(
            web().connect("vsock://any:80"),
            "it connects to vsock://any:80, which names no machine: any is only for listen"),
        Arguments.of(
            web().connect("vsock://3:0"), "it connects to vsock://3:0, which names no port"),
        Arguments.of(web().connect("unix:///run/web"), "it connects to itself, unix:///run/web"),
        Arguments.of(
            web().listen("unix://@web").unix(new UnixFile(null, null, null)),
            "it has the mode and owner of a UNIX path, and listens on unix://@web"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void refuses(PipeSpec.Builder builder, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageStartingWith("pipe 'web': " + reason);
  }

  @Test
  void refusesANameThatIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipeSpec.builder("a b").listen("unix://@a").connect("unix://@b").build())
        .withMessageStartingWith("pipe 'a b': its name does not match");
  }

  @Test
  void asksForBothAddresses() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipeSpec.builder("web").connect("unix://@b").build())
        .withMessage("pipe 'web': listen is missing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipeSpec.builder("web").listen("unix://@b").build())
        .withMessage("pipe 'web': connect is missing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipeSpec.builder("web").build())
        .withMessage("pipe 'web': listen is missing; connect is missing");
  }

  @Test
  void saysWhatIsWrongWithBothAddresses() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipeSpec.builder("web").listen("tcp:80").connect("unix://@").build())
        .withMessageStartingWith("pipe 'web': listen: ")
        .withMessageContaining("'tcp:80'")
        .withMessageContaining("; connect: ")
        .withMessageContaining("'unix://@' has no name: write unix://@NAME");
  }

  @Test
  void saysAllThatIsOutOfRangeAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> web().backlog(0).maxConnections(0).build())
        .withMessage(
            "pipe 'web': backlog 0 is not in 1..4096; limit of connections 0 is not in"
                + " 1..2147483647");
  }

  @Test
  void refusesModesBeyondThePermissionBits() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UnixFile(01777, null, null))
        .withMessage("mode 01777 of a UNIX path is not in 0000..0777");
  }
}
