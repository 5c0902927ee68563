package dev.fid.bpf;

import dev.fid.bpf.ffi.LibBpf;
import java.util.List;
import java.util.Optional;

/// What must be right on a machine before Fid can splice in its kernel.
public record Preflight(List<Check> checks) {
  /// One thing that was looked at.
  ///
  /// @param found for example `Linux 6.12.43`
  /// @param advice what to do; empty where nothing is wrong
  public record Check(String title, String found, Optional<String> advice) {
    public boolean passed() {
      return advice.isEmpty();
    }
  }

  /// Looks at this machine and this thread.
  public static Preflight run() {
    return of(Kernel.running(), LibBpf.missing());
  }

  /// The checks that did not pass.
  public List<Check> problems() {
    return checks.stream().filter(check -> !check.passed()).toList();
  }

  static Preflight of(Kernel kernel, Optional<String> libraryMissing) {
    return new Preflight(
        List.of(
            library(libraryMissing),
            version(kernel.version()),
            capabilities(kernel),
            check(
                "kernel BTF",
                kernel.hasBtf(),
                kernel.btf().toString(),
                "missing",
                Advice.btf(kernel)),
            lockdown(kernel.lockdown())));
  }

  private static Check library(Optional<String> missing) {
    return missing
        .map(sentence -> new Check("libbpf", "missing", Optional.of(sentence)))
        .orElseGet(() -> new Check("libbpf", libraryVersion(), Optional.empty()));
  }

  private static String libraryVersion() {
    return LibBpf.majorVersion() + "." + LibBpf.minorVersion();
  }

  private static Check version(KernelVersion version) {
    String found = "Linux " + version;
    return check("kernel", version.spliceSafe(), found, found, Advice.oldKernel(version));
  }

  private static Check capabilities(Kernel kernel) {
    var missing = kernel.missingCapabilities();
    return missing.isEmpty()
        ? new Check("capabilities", "CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON", Optional.empty())
        : new Check(
            "capabilities",
            "no " + String.join(", no ", missing),
            Optional.of(Advice.capabilities(missing)));
  }

  private static Check lockdown(String mode) {
    return check("lockdown", !mode.equals("confidentiality"), mode, mode, Advice.lockdown());
  }

  private static Check check(String title, boolean passed, String good, String bad, String advice) {
    return new Check(title, passed ? good : bad, passed ? Optional.empty() : Optional.of(advice));
  }
}
