package dev.fid.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("root")
class NetNsTest {
  static boolean root() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
  }

  @Test
  void aCommandSeesItsOwnLoopbackOnly() throws Exception {
    try (NetNs ns = NetNs.create()) {
      assertThat(ns.run("ip", "-o", "link")).contains("lo:", "UP").doesNotContain("eth0");
      assertThat(ns.run("readlink", "/proc/self/ns/net").strip())
          .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
    }
  }

  @Test
  void aFailingCommandIsSaid() throws Exception {
    try (NetNs ns = NetNs.create()) {
      assertThatThrownBy(() -> ns.run("false")).hasMessageContaining("exit code 1");
    }
  }

  @Test
  void itGoesWhenClosed() throws Exception {
    NetNs ns = NetNs.create();
    Path file = Path.of("/run/netns", ns.name());
    assertThat(file).exists();
    ns.close();
    assertThat(file).doesNotExist();
  }
}
