package dev.fid.samples.junixsocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.Fid;
import dev.fid.pipe.Address;
import dev.fid.splice.SpliceHandle;
import dev.fid.transport.junixsocket.JunixParty;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/// Listens on a UNIX socket, asks the kernel who the client is, reads the name of a service, and
/// splices the client to it.
final class Doorman implements AutoCloseable {
  private static final int LONGEST_NAME = 64;

  private final Fid fid;
  private final Map<String, Address> services;
  private final AFUNIXServerSocket listener;

  @MustBeClosed
  Doorman(Fid fid, Path path, Map<String, Address> services) throws IOException {
    this.fid = fid;
    this.services = Map.copyOf(services);
    listener = AFUNIXServerSocket.bindOn(AFUNIXSocketAddress.of(path));
    Thread.ofPlatform().daemon().start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        AFUNIXSocket client = listener.accept();
        Thread.ofPlatform().daemon().start(() -> serve(client));
      }
    } catch (IOException closed) {
      // The sample is over.
    }
  }

  /// Closing the application's socket is fine once it is spliced: the connection lives on.
  private void serve(AFUNIXSocket client) {
    try (client) {
      String service = name(client);
      Address address = services.get(service);
      long uid = client.getPeerCredentials().getUid();
      System.out.println(
          "user " + uid + " asks for " + service + ": " + (address == null ? "no" : address));
      if (address != null) {
        CompletableFuture<SpliceHandle> splice =
            fid.splice(JunixParty.of(client), fid.connecting(address, Duration.ofSeconds(5)))
                .toCompletableFuture();
        var stats = splice.join().closed().toCompletableFuture().join();
        System.out.println(
            "upstream "
                + stats.upstream().bytes()
                + " bytes, downstream "
                + stats.downstream().bytes()
                + " bytes");
      }
    } catch (IOException e) {
      System.out.println("a client has gone: " + e.getMessage());
    }
  }

  /// Byte by byte: nothing beyond the line may be taken, since it is the service's.
  private static String name(AFUNIXSocket client) throws IOException {
    StringBuilder name = new StringBuilder();
    byte[] one = new byte[1];
    while (client.getInputStream().read(one) > 0
        && one[0] != '\n'
        && name.length() < LONGEST_NAME) {
      name.append(new String(one, US_ASCII));
    }
    return name.toString();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
