package dev.fid.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.pipe.Range;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {
  private static final Range ALL = new Range(0, Long.MAX_VALUE);
  private static final Duration AGE = Duration.ofDays(365_000_000);

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "7,7",
    "7B,7",
    "1KiB,1024",
    "16MiB,16777216",
    "3GiB,3221225472",
    "007KiB,7168"
  })
  void readsSizes(String text, long bytes) {
    assertThat(ByteSize.parse(text, ALL)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"0,0B", "1023,1023B", "1024,1KiB", "65536,64KiB", "1073741824,1GiB"})
  void writesSizesThatItReads(long bytes, String text) {
    assertThat(ByteSize.format(bytes)).isEqualTo(text);
    assertThat(ByteSize.parse(text, ALL)).isEqualTo(bytes);
  }

  @Test
  void doesNotOverflow() {
    assertThatThrownBy(() -> ByteSize.parse("17179869184GiB", ALL)).hasMessageContaining("not in");
    assertThatThrownBy(() -> TimeSpan.parse("999999999999999h", Duration.ZERO, AGE))
        .hasMessageContaining("not in");
  }

  @ParameterizedTest
  @CsvSource({"0s,PT0S", "1500ms,PT1.5S", "90s,PT90S", "5m,PT5M", "48h,PT48H"})
  void readsDurations(String text, Duration duration) {
    assertThat(TimeSpan.parse(text, Duration.ZERO, AGE)).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({"PT0S,0s", "PT0.001S,1ms", "PT1.5S,1500ms", "PT90S,90s", "PT120S,2m", "PT2H,2h"})
  void writesDurationsThatItReads(Duration duration, String text) {
    assertThat(TimeSpan.format(duration)).isEqualTo(text);
    assertThat(TimeSpan.parse(text, Duration.ZERO, AGE)).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({"localhost:1,localhost,1", "[::1]:0,::1,0", "127.0.0.1:65535,127.0.0.1,65535"})
  void readsAndWritesHostAndPort(String text, String host, int port) {
    assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port)).hasToString(text);
  }
}
