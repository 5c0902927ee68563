package dev.fid.reach;

import dev.fid.splice.HalfClose;
import dev.fid.testkit.Ending;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/// The families of a pipe's two sides.
enum Pair {
  TCP_TCP("tcp", "tcp"),
  TCP_UNIX("tcp", "unix"),
  UNIX_TCP("unix", "tcp"),
  UNIX_UNIX("unix", "unix");

  final String front;
  final String back;

  Pair(String front, String back) {
    this.front = front;
    this.back = back;
  }

  /// How connections may end without losing what they promise: where the first EOF ends them,
  /// nobody half-closes before everything has arrived.
  static Ending ending(HalfClose halfClose) {
    return switch (halfClose) {
      case KEEP -> Ending.RANDOM;
      case END -> Ending.AT_END;
    };
  }

  /// Every pair with every way to treat a half-close.
  static Stream<Arguments> all() {
    return Arrays.stream(values())
        .flatMap(pair -> Arrays.stream(HalfClose.values()).map(half -> Arguments.of(pair, half)));
  }
}
