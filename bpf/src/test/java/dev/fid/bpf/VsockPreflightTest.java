package dev.fid.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.Preflight.Check;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VsockPreflightTest {
  private static final String DRIVER = "bus/virtio/drivers/vmw_vsock_virtio_transport/";

  @TempDir Path root;
  private FakeKernel fake;

  @BeforeEach
  void machine() {
    fake = new FakeKernel(root);
  }

  private List<String> found() {
    return VsockPreflight.of(fake.kernel()).stream()
        .filter(Check::passed)
        .map(Check::title)
        .toList();
  }

  private String advice(String title) {
    return VsockPreflight.of(fake.kernel()).stream()
        .filter(check -> check.title().equals(title))
        .findFirst()
        .flatMap(Check::advice)
        .orElse("");
  }

  @Test
  void aMachineWithoutVsockIsToldWhatToLoad() {
    assertThat(found()).containsExactly("vsock in a sockmap");
    assertThat(advice("vsock")).isEqualTo("modprobe vsock");
    assertThat(advice("vsock to guests")).contains("modprobe vhost_vsock");
    assertThat(advice("vsock to the host")).contains("give the virtual machine a vsock device");
    assertThat(advice("vsock://local")).contains("modprobe vsock_loopback");
  }

  @Test
  void aHostReachesItsGuestsAndItself() {
    fake.vsock("class/misc/vhost-vsock", "module/vsock_loopback");
    assertThat(found())
        .containsExactly("vsock", "vsock to guests", "vsock://local", "vsock in a sockmap");
  }

  @Test
  void aGuestReachesItsHostWhereItHasADevice() {
    fake.vsock(DRIVER + "uevent");
    assertThat(found()).doesNotContain("vsock to the host");
    fake.vsock(DRIVER + "virtio3");
    assertThat(found()).contains("vsock to the host");
  }

  @Test
  void anOlderKernelTakesNoneIntoASockmap() {
    fake.release("6.3.13");
    assertThat(advice("vsock in a sockmap")).isEqualTo("needs Linux 6.4 or later");
    fake.release("6.4.0-rc1");
    assertThat(advice("vsock in a sockmap")).isEmpty();
  }

  @Test
  void thisMachineIsLookedAt() {
    assertThat(VsockPreflight.run()).hasSize(5);
  }
}
