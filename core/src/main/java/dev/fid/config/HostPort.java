package dev.fid.config;

import dev.fid.pipe.Address;
import dev.fid.pipe.AddressException;

/// A host (a name, an IPv4 or an IPv6 address without brackets) and a port; port 0 listens on a
/// free one.
public record HostPort(String host, int port) {
  /// Reads `HOST:PORT`, an IPv6 address in brackets. Nothing is looked up.
  ///
  /// @throws IllegalArgumentException that says what is wrong and what to write
  public static HostPort parse(String text) {
    if (text.contains("://")) {
      throw new IllegalArgumentException(
          "'%s' has a scheme: write HOST:PORT, such as 127.0.0.1:9464".formatted(text));
    }
    try {
      Address.Tcp address = (Address.Tcp) Address.parse("tcp://" + text);
      return new HostPort(address.host(), address.port());
    } catch (AddressException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()).replace("tcp://", ""), e);
    }
  }

  @Override
  public String toString() {
    return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
  }
}
