package dev.fid.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.testkit.Fault.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CheckerTest {
  private static final int TOTAL = 3 * Pattern.PERIOD + 12_345;

  private final Pattern pattern = new Pattern(7, Direction.UPSTREAM, 3);

  @Test
  void acceptsTheStreamInAnyPieces() {
    assertThat(check(stream(0, TOTAL))).isEmpty();
  }

  @Test
  void streamsDiffer() {
    Pattern other = new Pattern(7, Direction.DOWNSTREAM, 3);
    assertThat(other.slice(0, 64).mismatch(pattern.slice(0, 64))).isNotNegative();
  }

  @Test
  void missingBytes() {
    assertThat(check(stream(0, 2_000_000), stream(2_000_003, TOTAL)))
        .containsExactly(Fault.of(Kind.MISSING, 2_000_000, 3));
  }

  @Test
  void reorderedBytes() {
    assertThat(
            check(
                stream(0, 1_500_000),
                stream(1_500_100, 1_500_200),
                stream(1_500_000, 1_500_100),
                stream(1_500_200, TOTAL)))
        .containsExactly(Fault.of(Kind.REORDERED, 1_500_000, 100));
  }

  @Test
  void duplicatedBytes() {
    assertThat(check(stream(0, 5000), stream(4000, TOTAL)))
        .containsExactly(Fault.of(Kind.DUPLICATED, 4000, 1000));
  }

  @Test
  void truncatedStream() {
    assertThat(check(stream(0, TOTAL - 1))).containsExactly(Fault.of(Kind.TRUNCATED, TOTAL - 1, 1));
  }

  @Test
  void nothingAtAll() {
    assertThat(check()).containsExactly(Fault.of(Kind.TRUNCATED, 0, TOTAL));
  }

  @Test
  void bytesThatWereNeverSent() {
    assertThat(check(stream(0, 100_000), ByteBuffer.wrap(new byte[40]), stream(100_040, TOTAL)))
        .containsExactly(Fault.of(Kind.CORRUPT, 100_000, 40));
  }

  @Test
  void aWrongByteJustBeforeTheEnd() {
    ByteBuffer last = ByteBuffer.wrap(new byte[] {(byte) ~pattern.slice(TOTAL - 1, 1).get(0)});
    assertThat(check(stream(0, TOTAL - 1), last)).isNotEmpty();
  }

  @Test
  void bytesAfterTheLast() {
    assertThat(check(stream(0, TOTAL), stream(TOTAL - 100, TOTAL)))
        .contains(Fault.of(Kind.DUPLICATED, TOTAL - 100, 100));
    assertThat(check(stream(0, TOTAL + 10))).containsExactly(Fault.of(Kind.SURPLUS, TOTAL, 10));
  }

  @Test
  void aStreamOfAnotherConnection() {
    assertThat(check(new Pattern(7, Direction.UPSTREAM, 4).slice(0, 100_000))).isNotEmpty();
  }

  @Test
  void noiseIsGivenUpEarly() {
    byte[] noise = new byte[1_000_000];
    new SplittableRandom(99).nextBytes(noise);
    assertThat(check(ByteBuffer.wrap(noise))).contains(Fault.of(Kind.CORRUPT, 0, 1_000_000));
  }

  private ByteBuffer stream(long from, long to) {
    ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
    for (long at = from; at < to; at += Pattern.LONGEST) {
      bytes.put(pattern.slice(at, (int) Math.min(Pattern.LONGEST, to - at)));
    }
    return bytes.flip();
  }

  private List<Fault> check(ByteBuffer... parts) {
    Checker checker = new Checker(pattern, TOTAL);
    SplittableRandom random = new SplittableRandom(5);
    for (ByteBuffer part : parts) {
      while (part.hasRemaining()) {
        int length = Math.min(part.remaining(), random.nextInt(1, 300_000));
        checker.accept(part.slice(part.position(), length));
        part.position(part.position() + length);
      }
    }
    return checker.end(Kind.TRUNCATED);
  }
}
