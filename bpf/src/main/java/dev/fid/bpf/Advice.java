package dev.fid.bpf;

import java.util.List;

/// Sentences that say why BPF does not work here and what to do about it.
final class Advice {
  private Advice() {}

  static String capabilities(List<String> missing) {
    return "needs %s; run as root or grant %s"
        .formatted(join(missing), missing.size() == 1 ? "it" : "them");
  }

  static String btf(Kernel kernel) {
    return "the kernel has no type information (%s); boot one with CONFIG_DEBUG_INFO_BTF=y"
        .formatted(kernel.btf());
  }

  static String lockdown() {
    return "the kernel is locked down for confidentiality, which keeps BPF from reading it; boot with"
        + " lockdown=integrity or without";
  }

  static String oldKernel(KernelVersion version) {
    return "Linux %s can lose or double spliced bytes; boot 6.6.94, 6.12.34, 6.15.3 or a later one of these lines"
        .formatted(version);
  }

  static String denied() {
    return "no capability is missing, so a seccomp filter or a security module forbids bpf(2); allow"
        + " it, as for a container";
  }

  /// `A, B and C`
  private static String join(List<String> names) {
    int last = names.size() - 1;
    return last == 0
        ? names.getFirst()
        : String.join(", ", names.subList(0, last)) + " and " + names.getLast();
  }
}
