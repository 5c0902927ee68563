package dev.fid.config;

import dev.fid.pipe.DidYouMean;
import dev.fid.pipe.Range;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Turns one node into one value, or throws an [IllegalArgumentException] that says why not.
final class Values {
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]*)");
  private static final Pattern MODE = Pattern.compile("0?[0-7]{3}");
  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@-]*\\$?");

  private Values() {}

  static String string(Node node) {
    if (node instanceof Node.Scalar(Place _, Node.Type type, String text)) {
      if (type == Node.Type.STRING) {
        return text;
      }
      if (type != Node.Type.NOTHING && type != Node.Type.OTHER) {
        throw new IllegalArgumentException(
            "must be a string, is %s: write \"%s\"".formatted(node.kind(), text));
      }
    }
    throw mustBe("a string", node);
  }

  static String matching(Node node, Pattern pattern, String rule) {
    String text = string(node);
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException("'%s' is not allowed: %s".formatted(text, rule));
    }
    return text;
  }

  static int integer(Node node, Range range) {
    if (!(node instanceof Node.Scalar(Place _, Node.Type type, String text))
        || type != Node.Type.INTEGER) {
      throw mustBe("a whole number", node);
    }
    if (!DECIMAL.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "%s is no plain decimal number: write digits alone, without a leading 0".formatted(text));
    }
    BigInteger value = new BigInteger(text);
    if (value.bitLength() > 31 || !range.contains(value.longValue())) {
      throw new IllegalArgumentException("%s is not in %s".formatted(text, range));
    }
    return value.intValueExact();
  }

  static int bytes(Node node, Range range) {
    if (node instanceof Node.Scalar(Place _, Node.Type type, String text)
        && (type == Node.Type.STRING || type == Node.Type.INTEGER)) {
      return Math.toIntExact(ByteSize.parse(text, range));
    }
    throw mustBe("a size such as 16MiB", node);
  }

  static Duration duration(Node node, Duration min, Duration max) {
    if (node instanceof Node.Scalar(Place _, Node.Type type, String text)
        && (type == Node.Type.STRING || type == Node.Type.INTEGER)) {
      return TimeSpan.parse(text, min, max);
    }
    throw mustBe("a duration such as 3s", node);
  }

  /// The constant whose name is the text in upper case.
  static <E extends Enum<E>> E choice(Node node, Class<E> type) {
    String text = string(node);
    List<String> words =
        Arrays.stream(type.getEnumConstants()).map(e -> e.name().toLowerCase(Locale.ROOT)).toList();
    int index = words.indexOf(text);
    if (index < 0) {
      throw new IllegalArgumentException(
          "'%s' is none of %s%s"
              .formatted(text, String.join(", ", words), DidYouMean.hint(text, words)));
    }
    return type.getEnumConstants()[index];
  }

  /// Permission bits, as an octal string: unquoted, YAML 1.1 and 1.2 take `0660` for different
  /// numbers.
  static int mode(Node node) {
    if (!(node instanceof Node.Scalar(Place _, Node.Type type, String text))
        || (type != Node.Type.STRING && type != Node.Type.INTEGER)) {
      throw mustBe("permission bits such as \"0660\"", node);
    }
    if (!MODE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'%s' is no permission bits: write three octal digits, such as \"0660\"".formatted(text));
    }
    if (type == Node.Type.INTEGER) {
      throw new IllegalArgumentException(
          "must be a string: write \"%s\", in quotes (without them YAML reads a number)"
              .formatted(text));
    }
    return Integer.parseInt(text, 8);
  }

  /// A user or a group: a name, or its number.
  static String account(Node node) {
    if (node instanceof Node.Scalar(Place _, Node.Type type, String _)
        && type == Node.Type.INTEGER) {
      return Integer.toString(integer(node, new Range(0, Integer.MAX_VALUE)));
    }
    return matching(node, ACCOUNT, "write a name or a number");
  }

  static IllegalArgumentException mustBe(String expected, Node node) {
    return new IllegalArgumentException("must be %s, is %s".formatted(expected, node.kind()));
  }
}
