package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.KernelFeature;
import dev.fid.bpf.testing.RequiresBpf;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DoctorCommandTest {
  @Test
  @RequiresBpf
  void isZeroWhereSplicingInTheKernelWorks() {
    Cli cli = Cli.run("doctor");

    assertThat(cli.exit()).isZero();
    assertThat(cli.out())
        .contains("libbpf", "capabilities", "kernel BTF")
        .containsPattern("\\nvsock\\n  vsock +(yes|no) ")
        .containsPattern("vsock in a sockmap +yes +Linux")
        .containsPattern("splicing in the kernel +yes");
    for (KernelFeature feature : KernelFeature.values()) {
      assertThat(cli.out()).contains(feature.title());
    }
  }

  @Test
  void saysWhatToDoAboutEachNo() throws IOException, InterruptedException {
    try (FidProcess fid = FidProcess.startWithoutCapabilities("doctor")) {
      assertThat(fid.exit()).isEqualTo(1);
      List<String> lines = fid.output();
      int capabilities = indexOf(lines, "capabilities +no .*CAP_BPF");
      int splicing = indexOf(lines, "splicing in the kernel +no ");

      assertThat(lines.get(capabilities + 1)).contains("-> ", "run as root");
      assertThat(lines.get(splicing + 1)).contains("-> ", "CAP_BPF");
    }
  }

  private static int indexOf(List<String> lines, String pattern) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).matches(" *" + pattern + ".*")) {
        return i;
      }
    }
    throw new AssertionError(pattern + " is in none of " + lines);
  }
}
