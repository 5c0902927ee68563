package dev.fid.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DidYouMeanTest {
  private static final List<String> KEYS = List.of("connect", "listen", "send_buffer", "unix");

  @ParameterizedTest
  @CsvSource({
    "conect,connect",
    "connects,connect",
    "ocnnect,connect",
    "SEND-BUFFER,send_buffer",
    "sendbuffer,send_buffer",
    "unxi,unix",
  })
  void findsTheWordThatWasMeant(String word, String meant) {
    assertThat(DidYouMean.of(word, KEYS)).contains(meant);
    assertThat(DidYouMean.hint(word, KEYS)).isEqualTo(": did you mean '" + meant + "'?");
  }

  @Test
  void doesNotGuessWildly() {
    assertThat(DidYouMean.of("colour", KEYS)).isEmpty();
    assertThat(DidYouMean.hint("uid", KEYS)).isEmpty();
  }

  @Test
  void prefersTheNearest() {
    assertThat(DidYouMean.of("gate", List.of("date2", "gates", "late"))).contains("gates");
    assertThat(DidYouMean.of("keep", List.of("kept", "keep"))).contains("keep");
  }

  @ParameterizedTest
  @CsvSource({"'','',0", "a,'',1", "ab,ba,1", "abc,axc,1", "kitten,sitting,3"})
  void countsEdits(String a, String b, int distance) {
    assertThat(DidYouMean.distance(a, b)).isEqualTo(distance);
    assertThat(DidYouMean.distance(b, a)).isEqualTo(distance);
  }
}
