package dev.fid.transport;

import dev.fid.os.Errno;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.pipe.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns the host of an address into names of sockets; literals are parsed once, names looked up
/// every time (the JDK keeps answers for 30 s).
///
/// Thread safe.
public final class Names {
  private static final String ANY = "*";

  private final Resolver resolver;
  private final NameCache<Address.Inet> literals = new NameCache<>(Names::parse);

  public Names(Resolver resolver) {
    this.resolver = resolver;
  }

  /// The one name of a literal IPv4 or IPv6 address, or null where a lookup is needed.
  public @Nullable List<SocketName> literal(Address.Inet address) {
    return literals.get(address);
  }

  /// All names of a host name, in the resolver's order. Blocks.
  public List<SocketName> lookUp(Address.Inet address) throws UnknownHostException {
    InetAddress[] found;
    try {
      found = resolver.resolve(address.host());
    } catch (UnknownHostException e) {
      found = new InetAddress[0];
    }
    if (found.length == 0) {
      throw new UnknownHostException(
          address.host() + " has no address: check the name, /etc/hosts and DNS");
    }
    return Arrays.stream(found).map(each -> SocketName.inet(each, address.port())).toList();
  }

  /// Where to listen, the best first: `*` is `::`, which takes IPv4 too, and where there is no IPv6
  /// `0.0.0.0`. Blocks.
  public List<SocketName> toListen(Address.Inet address) throws UnknownHostException {
    if (address.host().equals(ANY)) {
      return List.of(any("::", address.port()), any("0.0.0.0", address.port()));
    }
    List<SocketName> literal = literal(address);
    return literal != null ? literal : lookUp(address);
  }

  /// Opens a socket that is bound to a name; the caller owns the descriptor.
  @FunctionalInterface
  public interface Binding {
    int bind(SocketName name) throws OsException;
  }

  /// Binds to the first of an address's names that this machine has. Blocks.
  public int bind(Address.Inet address, Binding binding) throws OsException, UnknownHostException {
    Iterator<SocketName> candidates = toListen(address).iterator();
    while (true) {
      try {
        return binding.bind(candidates.next());
      } catch (OsException e) {
        boolean notHere = e.errno() == Errno.EADDRNOTAVAIL || e.errno() == Errno.EAFNOSUPPORT;
        if (!notHere || !candidates.hasNext()) {
          throw e;
        }
      }
    }
  }

  /// Begins to connect, after a lookup where the address needs one.
  public void connect(Address.Inet address, Connecting connecting) {
    List<SocketName> literal = literal(address);
    if (literal != null) {
      connecting.start(literal);
    } else {
      connecting.start(() -> lookUp(address));
    }
  }

  private static SocketName any(String literal, int port) {
    return SocketName.inet(InetAddress.ofLiteral(literal), port);
  }

  private static @Nullable SocketName parse(Address.Inet address) {
    // A literal has a colon or begins with a digit; that spares names an exception each.
    String host = address.host();
    if (host.isEmpty() || (host.indexOf(':') < 0 && !Character.isDigit(host.charAt(0)))) {
      return null;
    }
    try {
      return SocketName.inet(InetAddress.ofLiteral(host), address.port());
    } catch (IllegalArgumentException e) {
      return null; // a name such as 1and1.example
    }
  }
}
