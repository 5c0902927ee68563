package dev.fid.cli.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class PatternTest {
  private final Pattern pattern = new Pattern();

  private MemorySegment copy(long position, int length) {
    return Arena.ofAuto().allocate(length).copyFrom(pattern.slice(position, length));
  }

  @Test
  void goesOnForEver() {
    long far = 7L * Pattern.PERIOD + 5;
    assertThat(pattern.mismatch(copy(far, Pattern.CHUNK), Pattern.CHUNK, 5)).isEqualTo(-1);
    assertThat(pattern.mismatch(copy(Pattern.PERIOD - 1, 2), 1, 2L * Pattern.PERIOD - 1))
        .isEqualTo(-1);
  }

  @Test
  void noticesAByteThatIsWrong() {
    MemorySegment got = copy(100, 1000);
    got.set(JAVA_BYTE, 700, (byte) ~got.get(JAVA_BYTE, 700));
    assertThat(pattern.mismatch(got, 1000, 100)).isEqualTo(700);
    assertThat(pattern.mismatch(got, 700, 100)).isEqualTo(-1);
  }

  @Test
  void noticesBytesThatAreMissing() {
    for (int missing : new int[] {1, 8, 512, 4096, 16384, 65536}) {
      assertThat(pattern.mismatch(copy(missing, 64), 64, 0))
          .as("%d missing", missing)
          .isNotNegative();
    }
  }
}
