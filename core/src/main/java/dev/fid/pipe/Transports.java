package dev.fid.pipe;

import dev.fid.splice.Family;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/// The transports that are there, by family.
public final class Transports {
  private final Map<Family, Transport> byFamily = new EnumMap<>(Family.class);

  public Transports(Iterable<Transport> transports) {
    for (Transport transport : transports) {
      Transport other = byFamily.putIfAbsent(transport.family(), transport);
      if (other != null) {
        throw new IllegalArgumentException(
            "two transports for " + transport.family().scheme() + "://: " + other.getClass() + ", " + transport.getClass());
      }
    }
  }

  Transport serving(Address address) throws IOException {
    Transport transport = byFamily.get(address.family());
    if (transport == null) {
      throw new IOException(
          address + ": no transport for " + address.family().scheme() + "://: put fid-transports on the class path");
    }
    return transport;
  }
}
