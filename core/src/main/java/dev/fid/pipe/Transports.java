package dev.fid.pipe;

import dev.fid.splice.Custody;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import dev.fid.splice.Party;
import dev.fid.splice.Splicer;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The transports that are there, by family.
public final class Transports {
  private final Map<Family, Transport> byFamily = new EnumMap<>(Family.class);

  public Transports(Iterable<Transport> transports) {
    for (Transport transport : transports) {
      Transport other = byFamily.putIfAbsent(transport.family(), transport);
      if (other != null) {
        throw new IllegalArgumentException(
            "two transports for "
                + transport.family().scheme()
                + "://: "
                + other.getClass()
                + ", "
                + transport.getClass());
      }
    }
  }

  /// Adds to an application's own transports, for the families that these do not serve, those that
  /// [ServiceLoader] finds.
  public static List<Transport> withInstalled(Collection<Transport> own) {
    Set<Family> served = own.stream().map(Transport::family).collect(Collectors.toSet());
    Stream<Transport> installed =
        ServiceLoader.load(Transport.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(transport -> !served.contains(transport.family()));
    return Stream.concat(own.stream(), installed).toList();
  }

  /// A party that connects to the address, on a loop of this splicer's.
  public Party connecting(Address address, Duration timeout, Splicer splicer) {
    return () -> {
      CompletableFuture<Custody> connected = new CompletableFuture<>();
      try {
        Transport transport = serving(address);
        IoEventLoop loop = splicer.nextLoop().eventLoop();
        loop.execute(() -> transport.connect(address, timeout, loop, completing(connected)));
      } catch (IOException e) {
        connected.completeExceptionally(e);
      }
      return connected;
    };
  }

  private static Transport.ConnectHandler completing(CompletableFuture<Custody> connected) {
    return new Transport.ConnectHandler() {
      @Override
      public void connected(Endpoint endpoint) {
        connected.complete(new Custody.Given(endpoint));
      }

      @Override
      public void failed(IOException reason) {
        connected.completeExceptionally(reason);
      }
    };
  }

  Transport serving(Address address) throws IOException {
    Transport transport = byFamily.get(address.family());
    if (transport == null) {
      throw new IOException(
          address
              + ": no transport for "
              + address.family().scheme()
              + "://: put fid-transports on the class path");
    }
    return transport;
  }
}
