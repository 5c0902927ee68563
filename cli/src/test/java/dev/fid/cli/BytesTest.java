package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BytesTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "999, 999 B",
    "1000, 1.0 kB",
    "999949, 999.9 kB",
    "999950, 1.0 MB",
    "1500000000, 1.5 GB",
    "9223372036854775807, 9.2 EB"
  })
  void picksTheUnit(long bytes, String text) {
    assertThat(Bytes.format(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0; 0; 0; by the kernel 0 B, by the pump 0 B, by the relay 0 B",
        "3000; 1000; 0; by the kernel 3.0 kB (75.0 %), by the pump 1.0 kB (25.0 %), by the relay 0 B",
        "1000000; 1; 0; by the kernel 1.0 MB (100.0 %), by the pump 1 B (under 0.1 %), by the relay 0 B"
      })
  void sharesAreOfTheWhole(long kernel, long pump, long relay, String text) {
    assertThat(new PathShares(kernel, pump, relay)).hasToString("moved        " + text);
  }
}
