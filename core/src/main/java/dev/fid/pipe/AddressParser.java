package dev.fid.pipe;

import dev.fid.splice.Family;
import java.util.Arrays;
import java.util.List;

/// Tells the schemes apart; each has a reader of its own.
final class AddressParser {
  private static final String SEPARATOR = "://";
  private static final List<String> SCHEMES =
      Arrays.stream(Family.values()).map(Family::scheme).toList();

  private AddressParser() {}

  static Address parse(String uri) {
    int separator = uri.indexOf(SEPARATOR);
    if (separator < 0) {
      throw new AddressException(
          quote(uri) + " has no scheme: write tcp://HOST:PORT, unix:///PATH or unix://@NAME");
    }
    String scheme = uri.substring(0, separator);
    String rest = uri.substring(separator + SEPARATOR.length());
    return switch (family(scheme, uri)) {
      case TCP -> InetAddressParser.tcp(uri, rest);
      case UDP -> InetAddressParser.udp(uri, rest);
      case UNIX_STREAM -> new Address.Unix(UnixAddressParser.path(scheme + SEPARATOR, uri, rest));
      case UNIX_DATAGRAM ->
          new Address.UnixDatagram(UnixAddressParser.path(scheme + SEPARATOR, uri, rest));
      case UNIX_SEQPACKET ->
          new Address.UnixSeqpacket(UnixAddressParser.path(scheme + SEPARATOR, uri, rest));
      case VSOCK -> VsockAddressParser.parse(uri, rest);
    };
  }

  private static Family family(String scheme, String uri) {
    if (scheme.equals("vsock+seqpacket")) {
      throw new AddressException(
          quote(uri)
              + ": vsock SEQPACKET is not carried, as the kernel cuts its messages of more than 64 KiB: use"
              + " vsock://, a stream");
    }
    for (Family family : Family.values()) {
      if (family.scheme().equals(scheme)) {
        return family;
      }
    }
    throw new AddressException(
        "%s: unknown scheme '%s'%s (known: %s)"
            .formatted(
                quote(uri),
                scheme,
                DidYouMean.hint(scheme, SCHEMES),
                String.join(", ", SCHEMES.stream().map(known -> known + SEPARATOR).toList())));
  }

  static String quote(String uri) {
    return "address '" + uri + "'";
  }
}
