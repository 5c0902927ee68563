package dev.fid.config;

import dev.fid.pipe.Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Who took a name or an address first, over all files.
final class Claims {
  private record Taken(Address address, Object host, Place place) {}

  private final Problems problems;
  private final Map<String, Place> names = new HashMap<>();
  private final List<Taken> addresses = new ArrayList<>();

  Claims(Problems problems) {
    this.problems = problems;
  }

  void name(String name, Place place) {
    Place first = names.putIfAbsent(name, place);
    if (first != null) {
      problems.add(
          place, "name: '%s' is the name of another pipe already, at %s".formatted(name, first));
    }
  }

  /// Names of hosts are compared as they are written: only the bind can tell what they resolve to.
  void listen(String key, Address address, Place place) {
    Taken claim = new Taken(address, host(address), place);
    for (Taken taken : addresses) {
      if (collide(taken, claim)) {
        problems.add(
            place,
            "%s: %s is taken already, by %s at %s"
                .formatted(key, address, taken.address(), taken.place()));
        return;
      }
    }
    addresses.add(claim);
  }

  private static boolean collide(Taken a, Taken b) {
    if (a.address() instanceof Address.Inet first && b.address() instanceof Address.Inet second) {
      return first.family() == second.family()
          && first.port() == second.port()
          && first.port() != 0
          && (a.host().equals(b.host())
              || covers(a.host(), b.host())
              || covers(b.host(), a.host()));
    }
    if (a.address() instanceof Address.Vsock first && b.address() instanceof Address.Vsock second) {
      return first.port() == second.port()
          && first.port() != 0
          && (first.cid() == second.cid()
              || first.cid() == Address.Vsock.ANY
              || second.cid() == Address.Vsock.ANY);
    }
    return a.host().equals(b.host());
  }

  /// The wildcard of a family takes the port on each of its addresses.
  private static boolean covers(Object wildcard, Object other) {
    return wildcard instanceof InetAddress any
        && any.isAnyLocalAddress()
        && other.getClass() == any.getClass();
  }

  /// What is the same for the same place, however it is written.
  private static Object host(Address address) {
    return switch (address) {
      case Address.Local local when local.isAbstract() -> local.path();
      case Address.Local local -> Path.of(local.path()).normalize();
      case Address.Vsock vsock -> vsock.cid();
      case Address.Inet inet -> {
        try {
          yield InetAddress.ofLiteral(inet.host());
        } catch (IllegalArgumentException e) {
          String name = inet.host().toLowerCase(Locale.ROOT);
          yield name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        }
      }
    };
  }
}
