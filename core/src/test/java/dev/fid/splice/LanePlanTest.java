package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.KernelVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanePlanTest {
  @ParameterizedTest
  @CsvSource({
    "TCP,         TCP,         KEEP, true",
    "TCP,         TCP,         END,  true",
    "TCP,         UNIX_STREAM, KEEP, false",
    "TCP,         UNIX_STREAM, END,  true",
    "UNIX_STREAM, TCP,         KEEP, true",
    "UNIX_STREAM, TCP,         END,  true",
    "UNIX_STREAM, UNIX_STREAM, KEEP, false",
    "UNIX_STREAM, UNIX_STREAM, END,  true"
  })
  void onlyALaneIntoAUnixStreamThatKeepsIsRelayed(
      Family source, Family target, HalfClose halfClose, boolean inKernel) {
    LanePlan plan = LanePlan.choose(new KernelPath.Available(""), source, target, halfClose);
    assertThat(plan.inKernel()).isEqualTo(inKernel);
    if (inKernel) {
      assertThat(plan).hasToString("in kernel");
    } else {
      assertThat(plan.toString()).startsWith("relayed: ").contains("half_close: keep");
    }
    assertThat(LanePlan.choose(new KernelPath.Unavailable("no BPF"), source, target, halfClose))
        .isEqualTo(new LanePlan.Relayed("no BPF"));
  }

  @ParameterizedTest
  @CsvSource({
    "TCP,         UDP,           NONE,  6.12.34, true",
    "TCP,         UNIX_DATAGRAM, LEN16, 6.12.34, true",
    "TCP,         UDP,           LEN32, 6.12.34, true",
    "UNIX_STREAM, UDP,           NONE,  6.12.34, true",
    "UNIX_STREAM, UDP,           LEN16, 6.18.0,  false",
    "VSOCK,       UNIX_DATAGRAM, NONE,  6.12.34, true",
    "VSOCK,       UDP,           NONE,  6.16.9,  false",
    "VSOCK,       UDP,           NONE,  6.17.0,  true",
    "VSOCK,       UDP,           LEN32, 6.18.0,  false"
  })
  void aStreamIsCutWhereTheKernelCan(
      Family source, Family target, Framing framing, String kernel, boolean inKernel) {
    LanePlan plan = LanePlan.cut(source, target, framing, KernelVersion.parse(kernel), "");
    assertThat(plan.inKernel()).as(plan.toString()).isEqualTo(inKernel);
  }

  @Test
  void withoutAParserOnlyTcpIsRelayed() {
    KernelVersion kernel = KernelVersion.parse("6.18.0");
    assertThat(LanePlan.cut(Family.TCP, Family.UDP, Framing.NONE, kernel, "no parser"))
        .isEqualTo(new LanePlan.Relayed("no parser"));
    assertThat(LanePlan.cut(Family.UNIX_STREAM, Family.UDP, Framing.NONE, kernel, "no parser"))
        .isEqualTo(new LanePlan.InKernel());
  }

  @Test
  void aStreamThatMustComeBackIsNotCutByTheKernel() {
    LanePlan kernel = new LanePlan.InKernel();
    assertThat(kernel.comingBack(Family.TCP).toString()).contains("could not be given back");
    assertThat(kernel.comingBack(Family.UDP)).isEqualTo(kernel);
    LanePlan relayed = new LanePlan.Relayed("no parser");
    assertThat(relayed.comingBack(Family.TCP)).isEqualTo(relayed);
  }

  @Test
  void aRelayedLaneSaysWhy() {
    assertThat(new LanePlan.Relayed("the kernel is old")).hasToString("relayed: the kernel is old");
  }
}
