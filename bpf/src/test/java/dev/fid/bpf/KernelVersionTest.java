package dev.fid.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelVersionTest {
  @ParameterizedTest
  @CsvSource({
    "6.12.43+deb13-amd64, 6.12.43",
    "6.8.0-45-generic, 6.8.0",
    "6.18-rc3, 6.18.0",
    "5.15.167.4-microsoft-standard-WSL2, 5.15.167",
    "7.0, 7.0.0",
  })
  void aReleaseIsReadAsFarAsItsNumbersGo(String release, String version) {
    assertThat(KernelVersion.parse(release)).hasToString(version);
  }

  @ParameterizedTest
  @CsvSource({
    "4.19.0, false",
    "5.15.200, false",
    "6.1.140, false",
    "6.6.93, false",
    "6.6.94, true",
    "6.6.128, true",
    "6.8.0, false",
    "6.12.33, false",
    "6.12.34, true",
    "6.14.11, false",
    "6.15.2, false",
    "6.15.3, true",
    "6.16.0, true",
    "7.0.0, true",
  })
  void splicesAreSafeFromTheFixOfEachLineOn(String release, boolean safe) {
    assertThat(KernelVersion.parse(release).spliceSafe()).isEqualTo(safe);
  }

  @Test
  void versionsAreOrderedByNumber() {
    assertThat(KernelVersion.parse("6.12.0"))
        .isGreaterThan(KernelVersion.parse("6.6.200"))
        .isLessThan(KernelVersion.parse("7.0"))
        .isLessThan(KernelVersion.parse("6.12.1"));
  }

  @Test
  void whatIsNoReleaseIsSaid() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelVersion.parse("linux"))
        .withMessage("not a Linux release: `linux`");
  }

  @Test
  void theRunningKernelHasOne() {
    assertThat(KernelVersion.running().major()).isGreaterThanOrEqualTo(5);
  }
}
