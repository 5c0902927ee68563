package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

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

  @Test
  void aRelayedLaneSaysWhy() {
    assertThat(new LanePlan.Relayed("the kernel is old")).hasToString("relayed: the kernel is old");
  }
}
