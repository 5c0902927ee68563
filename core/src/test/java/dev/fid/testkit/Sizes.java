package dev.fid.testkit;

import java.util.random.RandomGenerator;

/// How many bytes the next write has: at least 1, at most [Pattern#LONGEST].
@FunctionalInterface
public interface Sizes {
  int next(RandomGenerator random);

  static Sizes fixed(int bytes) {
    return _ -> bytes;
  }

  /// Any size from `least` to `most`, each as likely.
  static Sizes between(int least, int most) {
    return random -> random.nextInt(least, most + 1);
  }

  /// One in ten of 1 to 64 bytes, three in ten up to 4 KiB, the rest up to 256 KiB.
  static Sizes mixed() {
    return random ->
        switch (random.nextInt(10)) {
          case 0 -> random.nextInt(1, 65);
          case 1, 2, 3 -> random.nextInt(1, 4097);
          default -> random.nextInt(1, Pattern.LONGEST + 1);
        };
  }
}
