package dev.fid.cli.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PacerTest {
  private static final long START = 1_000_000;
  private final List<String> sent = new ArrayList<>();

  private Pacer.Callee caller(String name) {
    return due -> sent.add(name + "@" + (due - START));
  }

  private final Pacer pacer = new Pacer(List.of(caller("a"), caller("b")), 1_000_000, START);

  @Test
  void sendsInTurnWhenDue() throws Exception {
    pacer.run(START - 1);
    assertThat(sent).isEmpty();
    pacer.run(START + 1000);
    assertThat(sent).containsExactly("a@0", "b@1000");
    assertThat(pacer.next()).isEqualTo(START + 2000);
  }

  /// That is what a closed loop leaves out: requests that were due while one was slow.
  @Test
  void whatIsLateKeepsItsTime() throws Exception {
    pacer.run(START + 4500);
    assertThat(sent).containsExactly("a@0", "b@1000", "a@2000", "b@3000", "a@4000");
  }
}
