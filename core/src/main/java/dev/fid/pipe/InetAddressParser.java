package dev.fid.pipe;

import static dev.fid.pipe.AddressParser.quote;

import java.net.InetAddress;
import java.util.regex.Pattern;

/// Reads the part of `tcp://HOST:PORT` or `udp://HOST:PORT` after the scheme.
final class InetAddressParser {
  private static final Range PORTS = new Range(0, 65535);
  private static final Pattern DIGITS = Pattern.compile("0|[1-9][0-9]{0,4}");
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern INET4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?");
  private static final Pattern SCOPE = Pattern.compile("[A-Za-z0-9_.-]+");

  private InetAddressParser() {}

  static Address.Tcp tcp(String uri, String authority) {
    return parse("tcp://", uri, authority, Address.Tcp::new);
  }

  static Address.Udp udp(String uri, String authority) {
    return parse("udp://", uri, authority, Address.Udp::new);
  }

  private interface Maker<A> {
    A make(String host, int port);
  }

  private static <A> A parse(String scheme, String uri, String authority, Maker<A> maker) {
    int end = authority.indexOf('/');
    if (end >= 0) {
      throw new AddressException(
          quote(uri) + " goes on after its port: write " + scheme + authority.substring(0, end));
    }
    int colon = authority.lastIndexOf(':');
    if (colon < 0 || authority.endsWith("]")) {
      throw new AddressException(quote(uri) + " has no port: write " + uri + ":PORT");
    }
    String host = authority.substring(0, colon);
    return maker.make(host(scheme, uri, host), port(uri, authority.substring(colon + 1)));
  }

  private static int port(String uri, String port) {
    if (port.isEmpty()) {
      throw new AddressException(quote(uri) + " has no port: write " + uri + "PORT");
    }
    if (!DIGITS.matcher(port).matches() || !PORTS.contains(Integer.parseInt(port))) {
      throw new AddressException(
          "%s: port '%s' is not a number in %s".formatted(quote(uri), port, PORTS));
    }
    return Integer.parseInt(port);
  }

  private static String host(String scheme, String uri, String host) {
    if (host.isEmpty() || host.equals("*")) {
      throw new AddressException(
          quote(uri) + " has no host: for every local address write 0.0.0.0 or [::]");
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      return inet6(uri, host.substring(1, host.length() - 1));
    }
    if (host.indexOf(':') >= 0) {
      throw new AddressException(
          quote(uri) + ": an IPv6 address stands in brackets: write " + scheme + "[ADDRESS]:PORT");
    }
    return NUMBERS.matcher(host).matches() ? inet4(uri, host) : name(uri, host);
  }

  private static String inet6(String uri, String host) {
    int percent = host.indexOf('%');
    String address = percent < 0 ? host : host.substring(0, percent);
    boolean scoped = percent < 0 || SCOPE.matcher(host.substring(percent + 1)).matches();
    if (!scoped || address.indexOf(':') < 0 || !isLiteral(address)) {
      throw new AddressException("%s: '%s' is no IPv6 address".formatted(quote(uri), host));
    }
    return host;
  }

  /// Also refuses the short and the octal forms (`127.1`, `010.0.0.1`), which are read differently
  /// from program to program.
  private static String inet4(String uri, String host) {
    if (!INET4.matcher(host).matches()) {
      throw new AddressException("%s: '%s' is no IPv4 address".formatted(quote(uri), host));
    }
    return host;
  }

  private static boolean isLiteral(String address) {
    try {
      InetAddress parsed = InetAddress.ofLiteral(address);
      return !parsed.getHostAddress().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String name(String uri, String host) {
    String relative = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    for (String label : relative.split("\\.", -1)) {
      if (label.length() > 63 || !LABEL.matcher(label).matches()) {
        throw new AddressException(
            "%s: '%s' is no host name: letters, digits, '-' and '_', parted by dots"
                .formatted(quote(uri), host));
      }
    }
    return host;
  }
}
