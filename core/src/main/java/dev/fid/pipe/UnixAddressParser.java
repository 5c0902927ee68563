package dev.fid.pipe;

import static dev.fid.pipe.AddressParser.quote;

import java.nio.charset.StandardCharsets;

/// Reads the part of `unix:///PATH` or `unix://@NAME` after the scheme, of `unix+dgram` or of
/// `unix+seqpacket`.
final class UnixAddressParser {
  /// `sun_path` holds 108 bytes, of which one is the zero after a path or before an abstract name.
  static final int MAX_BYTES = 107;

  private UnixAddressParser() {}

  /// @param scheme with `://`
  static String path(String scheme, String uri, String path) {
    if (path.startsWith("@")) {
      if (path.length() == 1) {
        throw new AddressException(quote(uri) + " has no name: write " + scheme + "@NAME");
      }
    } else if (!path.startsWith("/")) {
      throw new AddressException(
          quote(uri)
              + " has no absolute path: write "
              + scheme
              + "/"
              + (path.isEmpty() ? "PATH" : path)
              + ", or "
              + scheme
              + "@NAME for an abstract name");
    } else if (path.endsWith("/")) {
      throw new AddressException(
          quote(uri) + " names a directory: write " + scheme + "/PATH of a socket");
    }
    if (path.indexOf('\0') >= 0) {
      throw new AddressException(quote(uri.replace("\0", "\\0")) + " contains a zero byte");
    }
    checkLength(uri, path);
    return path;
  }

  /// An abstract name's `@` stands for the zero before it.
  private static void checkLength(String uri, String path) {
    String name = path.startsWith("@") ? path.substring(1) : path;
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      throw new AddressException(
          "%s is too long: %d bytes, where a UNIX socket's address has room for %d"
              .formatted(quote(uri), bytes, MAX_BYTES));
    }
  }
}
