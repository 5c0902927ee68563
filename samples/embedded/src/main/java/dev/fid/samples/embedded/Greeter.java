package dev.fid.samples.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// The server behind the pipes of the samples: answers each line with a greeting.
final class Greeter implements AutoCloseable {
  private final ServerSocket listener;

  @MustBeClosed
  Greeter() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(this::accept);
  }

  /// Where a pipe connects to.
  String uri() {
    return "tcp://127.0.0.1:" + listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> greet(client));
      }
    } catch (IOException e) {
      // Closed: the sample is over.
    }
  }

  private static void greet(Socket client) {
    try (client) {
      BufferedReader names =
          new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
      for (String name = names.readLine(); name != null; name = names.readLine()) {
        client.getOutputStream().write(("Hello, " + name + "!\n").getBytes(UTF_8));
      }
    } catch (IOException e) {
      // The client has gone.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
