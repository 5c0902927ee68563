package dev.fid.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchTest {
  @Test
  void nobodyIsAlwaysFirstOrTwiceInARow() {
    List<Character> all = List.of('A', 'B', 'C', 'D');
    List<Character> turns = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      List<Character> ordered = Bench.ordered(all, round);
      assertThat(ordered).containsExactlyInAnyOrderElementsOf(all);
      turns.addAll(ordered);
    }
    assertThat(turns)
        .containsExactly(
            'A', 'B', 'C', 'D', 'A', 'D', 'C', 'B', 'C', 'D', 'A', 'B', 'C', 'B', 'A', 'D');
  }
}
