package dev.fid.testkit;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A mode and `--name value` pairs. Everything wrong is an IllegalArgumentException.
final class Options {
  private final String mode;
  private final Map<String, String> values;
  private final Set<String> used = new HashSet<>();

  private Options(String mode, Map<String, String> values) {
    this.mode = mode;
    this.values = values;
  }

  static Options parse(String... words) {
    if (words.length % 2 == 0) {
      throw new IllegalArgumentException("expected a mode and then pairs of --name and value");
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 1; i < words.length; i += 2) {
      if (!words[i].startsWith("--")) {
        throw new IllegalArgumentException(words[i] + ": expected an option, --name");
      }
      values.put(words[i].substring(2), words[i + 1]);
    }
    return new Options(words[0], values);
  }

  String mode() {
    return mode;
  }

  SocketAddress address(String name) {
    String text = value(name);
    if (text == null) {
      throw new IllegalArgumentException("--" + name + " is needed");
    }
    URI uri = URI.create(text);
    if ("unix".equals(uri.getScheme()) && uri.getPath() != null && !uri.getPath().isEmpty()) {
      return UnixDomainSocketAddress.of(uri.getPath());
    }
    if ("tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() >= 0) {
      return new InetSocketAddress(uri.getHost().replaceAll("[\\[\\]]", ""), uri.getPort());
    }
    throw new IllegalArgumentException(
        "--" + name + " " + text + ": expected tcp://HOST:PORT or unix:///PATH");
  }

  long number(String name, long otherwise) {
    String text = value(name);
    return text == null ? otherwise : Long.parseLong(text);
  }

  double fraction(String name, double otherwise) {
    String text = value(name);
    return text == null ? otherwise : Double.parseDouble(text);
  }

  Duration millis(String name, long otherwise) {
    return Duration.ofMillis(number(name, otherwise));
  }

  /// A number of bytes, with KiB, MiB or GiB behind it or nothing.
  long bytes(String name, long otherwise) {
    String text = value(name);
    if (text == null) {
      return otherwise;
    }
    int shift =
        text.endsWith("KiB") ? 10 : text.endsWith("MiB") ? 20 : text.endsWith("GiB") ? 30 : 0;
    return Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 3)) << shift;
  }

  /// A constant's name in lower case, words joined by `-`.
  <E extends Enum<E>> E one(Class<E> type, String name, E otherwise) {
    String text = value(name);
    return text == null
        ? otherwise
        : Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /// Names an option that this mode does not have.
  void assertAllUsed() {
    Set<String> unknown = new HashSet<>(values.keySet());
    unknown.removeAll(used);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(mode + " has no option --" + String.join(", --", unknown));
    }
  }

  private @Nullable String value(String name) {
    used.add(name);
    return values.get(name);
  }
}
