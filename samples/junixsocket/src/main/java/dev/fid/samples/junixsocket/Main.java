package dev.fid.samples.junixsocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fid.Fid;
import dev.fid.pipe.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// A doorman, a service behind it that shouts, and a client that asks for it.
public final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException {
    Path path = Files.createTempDirectory("fid-sample").resolve("door");
    try (Fid fid = Fid.open();
        ServerSocket service = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> shout(service));
      Address address = Address.parse("tcp://127.0.0.1:" + service.getLocalPort());
      try (Doorman _ = new Doorman(fid, path, Map.of("shout", address));
          SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        client.write(ByteBuffer.wrap("shout\nhello from a UNIX socket".getBytes(UTF_8)));
        client.shutdownOutput();
        byte[] answer = Channels.newInputStream(client).readAllBytes();
        System.out.println(new String(answer, UTF_8));
      }
    } finally {
      Files.deleteIfExists(path);
      Files.delete(path.getParent());
    }
  }

  private static void shout(ServerSocket listener) {
    try (Socket client = listener.accept()) {
      String text = new String(client.getInputStream().readAllBytes(), UTF_8);
      client.getOutputStream().write(text.toUpperCase(Locale.ROOT).getBytes(UTF_8));
    } catch (IOException closed) {
      // The sample is over.
    }
  }
}
