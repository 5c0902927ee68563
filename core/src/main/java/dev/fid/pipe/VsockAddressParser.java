package dev.fid.pipe;

import static dev.fid.pipe.AddressParser.quote;

import dev.fid.pipe.Address.Vsock;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Reads the part of `vsock://CID:PORT` after the scheme, where CID may be `any`, `host` or
/// `local`.
final class VsockAddressParser {
  private static final Map<String, Long> NAMES =
      Map.of("any", Vsock.ANY, "host", Vsock.HOST, "local", Vsock.LOCAL);
  private static final List<String> WORDS = List.of("any", "host", "local");
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,9}");

  /// The next number is the kernel's word for any CID and for a free port.
  private static final long LAST = 0xffff_fffeL;

  private VsockAddressParser() {}

  static Vsock parse(String uri, String rest) {
    int slash = rest.indexOf('/');
    if (slash >= 0) {
      throw new AddressException(
          quote(uri) + " goes on after its port: write vsock://" + rest.substring(0, slash));
    }
    int colon = rest.indexOf(':');
    if (colon < 0 || colon == rest.length() - 1) {
      throw new AddressException(
          quote(uri) + " has no port: write " + uri + (colon < 0 ? ":PORT" : "PORT"));
    }
    return new Vsock(cid(uri, rest.substring(0, colon)), port(uri, rest.substring(colon + 1)));
  }

  private static long cid(String uri, String machine) {
    Long named = NAMES.get(machine);
    if (named != null) {
      return named;
    }
    long cid = number(machine);
    if (cid < 1) {
      throw new AddressException(
          "%s: '%s' is no CID%s: write a guest's (3 and up), or any, host or local"
              .formatted(quote(uri), machine, DidYouMean.hint(machine, WORDS)));
    }
    return cid;
  }

  private static long port(String uri, String port) {
    long number = number(port);
    if (number < 0) {
      throw new AddressException(
          "%s: port '%s' is not a number in 0..%d".formatted(quote(uri), port, LAST));
    }
    return number;
  }

  /// -1 where it is none.
  private static long number(String digits) {
    long number = NUMBER.matcher(digits).matches() ? Long.parseLong(digits) : -1;
    return number <= LAST ? number : -1;
  }

  /// What stands for this CID in an address.
  static String machine(long cid) {
    return NAMES.entrySet().stream()
        .filter(name -> name.getValue() == cid)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseGet(() -> Long.toString(cid));
  }
}
