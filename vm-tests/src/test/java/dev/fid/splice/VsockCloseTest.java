package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.splice.SpliceStats.Outcome;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A vsock peer that has closed wakes no writer: what waited for it must hold nothing up.
class VsockCloseTest {
  @RegisterExtension final Engine engine = new Engine(true);

  @ParameterizedTest
  @EnumSource(names = {"TCP", "UNIX_STREAM", "VSOCK"})
  void aPeerThatStopsReadingAndClosesEndsTheConnection(Family source) throws Exception {
    try (Ends ends = Ends.of(source, Family.VSOCK)) {
      Splice splice = ends.splice(engine.splicer(), SpliceOptions.defaults().withBacklog(16));
      ends.near.send(1000);
      ends.far.receive(1000);
      long before;
      do {
        before = ends.near.sent();
        ends.near.offer(1 << 20);
        Thread.sleep(500);
      } while (ends.near.sent() > before);
      ends.far.close();
      assertThat(ended(splice)).isNotInstanceOf(Outcome.Live.class);
    }
  }

  private static Outcome ended(Splice splice) {
    return Ends.ended(splice).outcome();
  }
}
