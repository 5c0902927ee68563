package dev.fid.bpf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fid.bpf.ffi.Capability;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadFailureTest {
  @TempDir Path root;

  @Test
  @RequiresBpf
  void theVerifiersLastLinesAreTheMessageAndTheWholeLogIsKept() {
    var refused = catchThrowableOfType(VerifierException.class, () -> load("refused"));

    assertThat(refused.getMessage())
        .startsWith("load reads_too_far: EACCES: rejected by the verifier:\n")
        .contains("invalid access to packet")
        .hasLineCount(6);
    assertThat(refused.errno()).isEqualTo(Errno.EACCES);
    assertThat(refused.log()).contains("r0 = *(u32 *)").hasSizeGreaterThan(200);
  }

  /// As on Linux 7.3.
  @Test
  void anExplanationAtLengthIsLeftToTheLog() {
    String log =
        """
        ; return *(volatile int *)(long)skb->data; @ refused.bpf.c:17
        0: (61) r1 = *(u32 *)(r1 +76)         ; R1=pkt(r=0)
        1: (61) r0 = *(u32 *)(r1 +0)
        invalid access to packet, off=0 size=4, R1(id=0,off=0,r=0)
        R1 min value is outside of the allowed memory range

        Verification failed: Memory Safety: Access outside bounds

        Suggestion:
          Add or adjust a bounds check that proves offset + access_size stays within the object.

        processed 2 insns (limit 1000000)
        """;
    var refused = new VerifierException("load p", Errno.EACCES, log);
    assertThat(refused.getMessage())
        .contains("\n1: (61) r0", "invalid access to packet")
        .endsWith("\nVerification failed: Memory Safety: Access outside bounds")
        .hasLineCount(6);
    assertThat(refused.log()).isEqualTo(log);
  }

  @Test
  @RequiresBpf
  void aMissingCapabilityIsNamed() throws Exception {
    var refused =
        Capability.without(
            () -> catchThrowableOfType(BpfException.class, () -> load("splice")),
            Capability.BPF,
            Capability.PERFMON,
            Capability.SYS_ADMIN);
    assertThat(refused)
        .hasMessage("load splice: EPERM: needs CAP_BPF and CAP_PERFMON; run as root or grant them");
    assertThat(refused.errno()).isEqualTo(Errno.EPERM);
  }

  @Test
  @RequiresBpf
  void withoutNetAdminTheProgramIsRefused() throws Exception {
    var refused =
        Capability.without(
            () -> catchThrowableOfType(BpfException.class, () -> load("splice")),
            Capability.NET_ADMIN,
            Capability.SYS_ADMIN);
    assertThat(refused.getMessage())
        .contains("EPERM: needs CAP_NET_ADMIN; run as root or grant it");
  }

  @Test
  @RequiresBpf
  void withoutPerfmonTheCapabilityIsNamedAndNotThePointer() throws Exception {
    var refused =
        Capability.without(
            () -> catchThrowableOfType(BpfException.class, () -> load("splice")),
            Capability.PERFMON,
            Capability.SYS_ADMIN);
    assertThat(refused.getMessage())
        .endsWith(": needs CAP_PERFMON; run as root or grant it")
        .hasLineCount(1);
  }

  @Test
  @RequiresBpf
  void aFunctionOfALaterKernelIsUnsupported() {
    assertThatExceptionOfType(UnsupportedFeatureException.class)
        .isThrownBy(() -> load("no_kfunc"))
        .withMessage(
            "load no_kfunc: the kernel function bpf_of_a_later_kernel needs a later Linux or later;"
                + " this is Linux %s",
            KernelVersion.running())
        .satisfies(e -> assertThat(e.since()).isEqualTo("a later Linux"));
  }

  @Test
  void aKnownFunctionIsToldWithItsKernel() {
    var kernel = new FakeKernel(root).kernel();
    var failure =
        LoadFailure.of(
            "load x",
            Errno.ESRCH,
            "libbpf: extern (func ksym) 'bpf_rdonly_cast': not found in kernel or module BTFs\n",
            kernel);
    assertThat(failure)
        .isInstanceOfSatisfying(
            UnsupportedFeatureException.class, e -> assertThat(e.since()).isEqualTo("Linux 6.2"));
  }

  @Test
  void missingTypeInformationIsTheCause() {
    var kernel = new FakeKernel(root).withoutBtf().kernel();
    assertThat(LoadFailure.of("load x", Errno.ESRCH, "libbpf: no BTF", kernel))
        .hasMessageStartingWith("load x: ESRCH: the kernel has no type information (" + root);
  }

  @Test
  void lockdownIsTheCauseWhereNoCapabilityIsMissing() {
    var fake = new FakeKernel(root);
    assertThat(LoadFailure.of("load x", Errno.EPERM, "", fake.kernel()))
        .hasMessageContaining("seccomp");
    fake.lockdown("none integrity [confidentiality]");
    assertThat(LoadFailure.of("load x", Errno.EPERM, "", fake.kernel()))
        .hasMessageContaining("locked down");
  }

  @Test
  void elseLibbpfsFirstLineIsTheCause() {
    var kernel = new FakeKernel(root).kernel();
    assertThat(LoadFailure.of("load x", Errno.EINVAL, "libbpf: a cause\nlibbpf: more\n", kernel))
        .hasMessage("load x: EINVAL: a cause");
  }

  @Test
  void whatIsNoObjectIsSaid() {
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> load(BpfSpec.of("junk", "junk".getBytes(UTF_8))))
        .withMessageStartingWith("open junk: ")
        .withMessageEndingWith("libbpf cannot read this object file");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BpfSpec.resource("nothing"))
        .withMessage("no BPF object /dev/fid/bpf/nothing.bpf.o in the class path");
  }

  @Test
  void aSizeForAMapThatIsNotThereIsSaid() {
    var spec = BpfSpec.resource("splice").withMaxEntries("lines", 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> load(spec))
        .withMessageStartingWith("no map `lines` in the object: it has ")
        .withMessageContaining("lanes");
    assertThatIllegalArgumentException().isThrownBy(() -> spec.withMaxEntries("lanes", 0));
  }

  private static void load(String name) throws BpfException {
    load(BpfSpec.resource(name));
  }

  private static void load(BpfSpec spec) throws BpfException {
    try (var object = spec.load()) {
      object.program("loaded");
    }
  }
}
