package dev.fid.bpf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fid.bpf.FeatureState;
import dev.fid.bpf.KernelFeature;
import dev.fid.bpf.KernelVersion;
import dev.fid.bpf.ffi.Capability;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  private static final KernelVersion REQUIRED = new KernelVersion(6, 4, 0);
  private static final List<KernelFeature> FEATURES = List.of(KernelFeature.SOCKHASH);
  private static final FeatureState NO = new FeatureState.Unsupported("Linux 4.18", "a test");

  @Test
  void aTestRunsWhereBpfIsPermitted() {
    var result = RequiresBpfCondition.evaluate(Optional.empty(), false, "test");
    assertThat(result.isDisabled()).isFalse();
  }

  @Test
  void aTestFailsWhereBpfIsNotPermitted() {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> RequiresBpfCondition.evaluate(Optional.of("EPERM"), false, "splices()"))
        .withMessage("splices() needs BPF: EPERM (-Dfid.without-bpf=true skips such tests)");
  }

  @Test
  void aTestIsSkippedWhereOneSaysSo() {
    var result = RequiresBpfCondition.evaluate(Optional.of("EPERM"), true, "test");
    assertThat(result.isDisabled()).isTrue();
    assertThat(result.getReason()).contains("EPERM");
  }

  @Test
  void anOlderKernelIsNotAsked() {
    var result =
        RequiresKernelCondition.evaluate(
            new KernelVersion(6, 3, 9), REQUIRED, FEATURES, feature -> NO);
    assertThat(result.isDisabled()).isTrue();
  }

  @Test
  void aNewEnoughKernelMustHaveTheFeature() {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(
            () -> RequiresKernelCondition.evaluate(REQUIRED, REQUIRED, FEATURES, feature -> NO))
        .withMessageStartingWith("Linux 6.4.0 should have sockhash");
    var result =
        RequiresKernelCondition.evaluate(
            REQUIRED, REQUIRED, FEATURES, feature -> new FeatureState.Supported());
    assertThat(result.isDisabled()).isFalse();
  }

  @Test
  void aMissingCapabilityFailsUnlessOneSaysSo() throws Exception {
    assertThat(
            RequiresCapabilityCondition.evaluate(Capability.CHOWN, true, false, "t").isDisabled())
        .isFalse();
    assertThat(
            RequiresCapabilityCondition.evaluate(Capability.CHOWN, false, true, "t").isDisabled())
        .isTrue();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> RequiresCapabilityCondition.evaluate(Capability.CHOWN, false, false, "t"))
        .withMessage("t needs CAP_CHOWN (-Dfid.without-bpf=true skips such tests)");
    assertThat(Capability.CHOWN.without(Capability.CHOWN::isHeld)).isFalse();
  }

  @Test
  @RequiresCapability(Capability.CHOWN)
  void whatIsNotSkippedHasTheCapability() {
    assertThat(Capability.CHOWN.isHeld()).isTrue();
  }

  @Test
  @RequiresBpf
  @RequiresKernel(value = "5.8", probing = KernelFeature.RINGBUF)
  void theAnnotationIsFound() {
    assertThat(KernelVersion.running()).isGreaterThanOrEqualTo(new KernelVersion(5, 8, 0));
  }
}
