package dev.fid.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.FeatureState.Supported;
import dev.fid.bpf.FeatureState.Unknown;
import dev.fid.bpf.FeatureState.Unsupported;
import dev.fid.bpf.ffi.Capability;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelFeatureTest {
  private static final int NO_SUCH_TYPE = 9999;

  @TempDir Path root;

  @ParameterizedTest
  @EnumSource
  @RequiresBpf
  void aKernelOfItsAgeHasIt(KernelFeature feature) {
    var since = KernelVersion.parse(feature.since().substring("Linux ".length()));
    if (KernelVersion.running().compareTo(since) >= 0) {
      assertThat(feature.probe()).isEqualTo(new Supported());
    } else {
      assertThat(feature.probe()).isInstanceOf(Unsupported.class);
    }
  }

  @Test
  @RequiresBpf
  void whatNoKernelHasIsUnsupported() {
    var kernel = Kernel.running();
    assertThat(KernelFeature.RDONLY_CAST.ask(Probe.kernelFunction("fid_of_no_kernel"), kernel))
        .isEqualTo(new Unsupported("Linux 6.2", "not in this kernel, Linux " + kernel.version()));
    assertThat(KernelFeature.SK_RELEASE.ask(Probe.helper(14, NO_SUCH_TYPE), kernel))
        .isInstanceOf(Unsupported.class);
    assertThat(
            KernelFeature.VERDICT_ATTACH.ask(
                Probe.attach("probe_msg", AttachType.SK_SKB_VERDICT), kernel))
        .isInstanceOf(Unsupported.class);
  }

  @Test
  @RequiresBpf
  void aProbeThatMayNotTryCannotTell() throws Exception {
    var needs = new Unknown("EPERM: needs CAP_BPF and CAP_PERFMON; run as root or grant them");
    assertThat(withoutBpf(KernelFeature.SOCKHASH)).isEqualTo(needs);
    assertThat(withoutBpf(KernelFeature.SK_SKB)).isEqualTo(needs);
    assertThat(withoutBpf(KernelFeature.RDONLY_CAST)).isEqualTo(new Supported());
    assertThat(withoutBpf(KernelFeature.VERDICT_ATTACH))
        .isInstanceOfSatisfying(
            Unknown.class,
            unknown -> assertThat(unknown.reason()).contains("EPERM: needs CAP_BPF"));
  }

  @Test
  void anErrorIsNoAnswer() {
    var kernel = new FakeKernel(root).kernel();
    assertThat(KernelFeature.BTF.ask(() -> -Errno.ENOMEM, kernel)).isEqualTo(new Unknown("ENOMEM"));
    assertThat(
            KernelFeature.BTF.ask(
                () -> {
                  throw BpfException.of("load x", Errno.ENOMEM, "buy some");
                },
                kernel))
        .isEqualTo(new Unknown("load x: ENOMEM: buy some"));
  }

  private static FeatureState withoutBpf(KernelFeature feature) throws Exception {
    return Capability.without(
        feature::probe, Capability.BPF, Capability.PERFMON, Capability.SYS_ADMIN);
  }
}
