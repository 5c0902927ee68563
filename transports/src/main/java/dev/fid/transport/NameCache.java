package dev.fid.transport;

import dev.fid.os.SocketName;
import dev.fid.pipe.Address;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Remembers the socket names of addresses that need no lookup, so that a connect parses nothing.
///
/// Thread safe.
public final class NameCache<A extends Address> {
  /// An application may use any number of addresses; the memory for them is bounded.
  private static final int MAX_NAMES = 1024;

  private final Map<A, List<SocketName>> known = new ConcurrentHashMap<>();
  private final Function<A, @Nullable SocketName> parser;

  /// @param parser gives null for an address that needs a lookup
  public NameCache(Function<A, @Nullable SocketName> parser) {
    this.parser = parser;
  }

  /// The one name of this address, or null where it needs a lookup.
  public @Nullable List<SocketName> get(A address) {
    List<SocketName> names = known.get(address);
    if (names != null) {
      return names;
    }
    SocketName name = parser.apply(address);
    if (name == null) {
      return null;
    }
    names = List.of(name);
    if (known.size() < MAX_NAMES) {
      known.put(address, names);
    }
    return names;
  }
}
