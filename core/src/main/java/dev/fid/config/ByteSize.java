package dev.fid.config;

import dev.fid.pipe.Range;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads and writes sizes: whole bytes, or a whole number of B, KiB, MiB or GiB.
final class ByteSize {
  private static final Pattern SIZE = Pattern.compile("([0-9]+)([A-Za-z]*)");
  private static final Pattern AMBIGUOUS = Pattern.compile("[kKmMgGtT][bB]?");
  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB");

  private ByteSize() {}

  /// The bytes, within the range.
  static long parse(String text, Range range) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no size: write a whole number and B, KiB, MiB or GiB, such as 16MiB"
              .formatted(text));
    }
    String unit = size.group(2).isEmpty() ? "B" : size.group(2);
    int power = UNITS.indexOf(unit);
    if (power < 0) {
      throw new IllegalArgumentException("'%s' has %s".formatted(text, badUnit(unit)));
    }
    BigInteger bytes = new BigInteger(size.group(1)).shiftLeft(10 * power);
    if (bytes.bitLength() > 62 || !range.contains(bytes.longValue())) {
      throw new IllegalArgumentException(
          "%s is not in %s..%s".formatted(text, format(range.min()), format(range.max())));
    }
    return bytes.longValue();
  }

  private static String badUnit(String unit) {
    Optional<String> meant = UNITS.stream().filter(unit::equalsIgnoreCase).findFirst();
    return AMBIGUOUS.matcher(unit).matches()
        ? "the unit '%s', which means 1000 to some and 1024 to others: write KiB, MiB or GiB"
            .formatted(unit)
        : "the unknown unit '%s'%s (known: %s)"
            .formatted(
                unit,
                meant.map(known -> ": did you mean '" + known + "'?").orElse(""),
                String.join(", ", UNITS));
  }

  /// With the largest unit that leaves a whole number.
  static String format(long bytes) {
    int power = 0;
    while (power < UNITS.size() - 1 && bytes != 0 && bytes % 1024 == 0) {
      bytes /= 1024;
      power++;
    }
    return bytes + UNITS.get(power);
  }
}
