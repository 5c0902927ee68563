package dev.fid.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.Preflight.Check;
import dev.fid.bpf.testing.RequiresBpf;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {
  @TempDir Path root;
  private FakeKernel fake;

  @BeforeEach
  void machine() {
    fake = new FakeKernel(root);
  }

  @Test
  void nothingIsWrongWhereAllIsThere() {
    assertThat(preflight().problems()).isEmpty();
    assertThat(preflight().checks())
        .extracting(Check::title)
        .containsExactly("libbpf", "kernel", "capabilities", "kernel BTF", "lockdown");
  }

  @Test
  void aMissingLibraryIsNamedWithItsPackage() {
    var preflight = Preflight.of(fake.kernel(), Optional.of("apt-get install libbpf1"));
    assertThat(preflight.problems())
        .containsExactly(new Check("libbpf", "missing", Optional.of("apt-get install libbpf1")));
  }

  @Test
  void anOldKernelIsToldWhichWouldDo() {
    fake.release("6.1.0-13-amd64");
    assertThat(onlyProblem())
        .isEqualTo(
            new Check(
                "kernel",
                "Linux 6.1.0",
                Optional.of(
                    "Linux 6.1.0 can lose or double spliced bytes; boot 6.6.94, 6.12.34, 6.15.3"
                        + " or a later one of these lines")));
  }

  @Test
  void eachMissingCapabilityIsNamed() {
    fake.capabilities("0000000000000000");
    assertThat(onlyProblem())
        .isEqualTo(
            new Check(
                "capabilities",
                "no CAP_BPF, no CAP_NET_ADMIN, no CAP_PERFMON",
                Optional.of(
                    "needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; run as root or grant them")));
    fake.capabilities("0000008000001000"); // CAP_BPF and CAP_NET_ADMIN
    assertThat(onlyProblem().advice()).contains("needs CAP_PERFMON; run as root or grant it");
  }

  @Test
  void sysAdminStandsForAllOfThem() {
    fake.capabilities("0000000000200000");
    assertThat(Preflight.of(fake.kernel(), Optional.empty()).problems()).isEmpty();
  }

  @Test
  void missingTypeInformationIsSaid() {
    fake.withoutBtf();
    assertThat(onlyProblem().advice().orElseThrow())
        .contains("kernel/btf/vmlinux")
        .contains("CONFIG_DEBUG_INFO_BTF=y");
  }

  @Test
  void onlyLockdownForConfidentialityIsAProblem() {
    fake.lockdown("none [integrity] confidentiality");
    assertThat(preflight().problems()).isEmpty();
    fake.lockdown("none integrity [confidentiality]");
    assertThat(onlyProblem().advice().orElseThrow()).contains("lockdown=integrity");
  }

  @Test
  @RequiresBpf
  void aMachineThatSplicesHasAllItNeeds() {
    assertThat(Preflight.run().problems())
        .allSatisfy(problem -> assertThat(problem.title()).isEqualTo("kernel"));
  }

  private Preflight preflight() {
    return Preflight.of(fake.kernel(), Optional.empty());
  }

  private Check onlyProblem() {
    assertThat(preflight().problems()).hasSize(1);
    return preflight().problems().getFirst();
  }
}
