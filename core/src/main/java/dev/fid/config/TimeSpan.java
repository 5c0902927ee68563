package dev.fid.config;

import java.math.BigInteger;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads and writes durations: a whole number of ms, s, m or h.
public final class TimeSpan {
  private static final Pattern SPAN = Pattern.compile("([0-9]+)([A-Za-z]*)");

  /// More than any limit, in any unit, and still a [Duration].
  private static final BigInteger MOST = BigInteger.TEN.pow(15);

  private TimeSpan() {}

  /// The duration, between the two, both included.
  ///
  /// @throws IllegalArgumentException that says what is wrong and what to write
  public static Duration parse(String text, Duration min, Duration max) {
    Matcher span = SPAN.matcher(text);
    if (!span.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no duration: write one whole number and one of ms, s, m, h, such as 90s"
              .formatted(text));
    }
    long count = new BigInteger(span.group(1)).min(MOST).longValueExact();
    Duration duration = duration(count, span.group(2), text);
    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          "%s is not in %s..%s".formatted(text, format(min), format(max)));
    }
    return duration;
  }

  private static Duration duration(long count, String unit, String text) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      case "" ->
          throw new IllegalArgumentException(
              "'%s' has no unit: write %ss, or ms, m or h".formatted(text, text));
      default ->
          throw new IllegalArgumentException(
              "'%s' has the unknown unit '%s' (known: ms, s, m, h)".formatted(text, unit));
    };
  }

  /// With the largest unit that leaves a whole number; zero is `0s`.
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds / 60 + "m";
  }
}
