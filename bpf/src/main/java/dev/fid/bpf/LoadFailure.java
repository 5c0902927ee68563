package dev.fid.bpf;

import dev.fid.os.Errno;
import java.util.regex.Pattern;

/// Finds the likely cause of a load that failed without a word of the verifier.
final class LoadFailure {
  private static final Pattern NO_KFUNC =
      Pattern.compile("extern \\(func ksym\\) '([^']+)': not found");

  private LoadFailure() {}

  static BpfException of(String what, int errno, String heard, Kernel kernel) {
    if (errno == Errno.EPERM
        || (errno == Errno.EACCES && !kernel.missingCapabilities().isEmpty())) {
      return BpfException.of(what, errno, denial(kernel));
    }
    if (!kernel.hasBtf()) {
      return BpfException.of(what, errno, Advice.btf(kernel));
    }
    var kfunc = NO_KFUNC.matcher(heard);
    if (kfunc.find()) {
      return new UnsupportedFeatureException(
          "%s: the kernel function %s".formatted(what, kfunc.group(1)),
          KernelFeature.sinceOf(kfunc.group(1)),
          errno);
    }
    return BpfException.of(what, errno, firstLine(heard));
  }

  private static String denial(Kernel kernel) {
    var missing = kernel.missingCapabilities();
    if (!missing.isEmpty()) {
      return Advice.capabilities(missing);
    }
    return kernel.lockdown().equals("confidentiality") ? Advice.lockdown() : Advice.denied();
  }

  private static String firstLine(String heard) {
    return heard.lines().findFirst().map(line -> line.replaceFirst("^libbpf: ", "")).orElse("");
  }
}
