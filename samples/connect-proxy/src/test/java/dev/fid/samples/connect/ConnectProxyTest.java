package dev.fid.samples.connect;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.Fid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ConnectProxyTest {
  private final PrintStream before = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void catchOutput() {
    System.setOut(new PrintStream(printed, true, US_ASCII));
  }

  @AfterEach
  void freeOutput() {
    System.setOut(before);
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static String read(Socket socket, int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), US_ASCII);
  }

  /// The client does not wait for the answer before it speaks, as TLS clients may not, but some do.
  @Test
  void aTunnelCarriesWhatCameWithTheRequestAndAllThatFollows() throws Exception {
    try (Fid fid = Fid.open();
        ConnectProxy proxy = new ConnectProxy(fid, 0);
        ServerSocket backend = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        Socket client = new Socket(InetAddress.ofLiteral("127.0.0.1"), proxy.port())) {
      String target = "127.0.0.1:" + backend.getLocalPort();
      write(client, "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\nearly ");
      String answer = "HTTP/1.1 200 Connection established\r\n\r\n";
      assertThat(read(client, answer.length())).isEqualTo(answer);
      try (Socket server = backend.accept()) {
        assertThat(read(server, 6)).isEqualTo("early ");
        write(client, "and late");
        assertThat(read(server, 8)).isEqualTo("and late");
        write(server, "answer");
        assertThat(read(client, 6)).isEqualTo("answer");
        client.shutdownOutput();
        assertThat(read(server, 1)).isEmpty();
      }
      assertThat(read(client, 1)).isEmpty();
      // The client may see the end before the proxy has said so.
      while (!printed.toString(US_ASCII).contains("downstream")) {
        Thread.sleep(5);
      }
      assertThat(printed.toString(US_ASCII))
          .contains(target + ": upstream ")
          .contains(target + ": upstream 14 bytes, downstream 6\n");
    }
  }

  @Test
  void aBackEndThatIsNotThereIsABadGateway() throws Exception {
    int closed;
    try (ServerSocket nobody = new ServerSocket(0)) {
      closed = nobody.getLocalPort();
    }
    try (Fid fid = Fid.open();
        ConnectProxy proxy = new ConnectProxy(fid, 0);
        Socket client = new Socket(InetAddress.ofLiteral("127.0.0.1"), proxy.port())) {
      write(client, "CONNECT 127.0.0.1:" + closed + " HTTP/1.1\r\n\r\n");
      assertThat(new String(client.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 502 Bad Gateway\r\n");
    }
  }

  @Test
  void onlyConnectIsAllowed() throws Exception {
    try (Fid fid = Fid.open();
        ConnectProxy proxy = new ConnectProxy(fid, 0);
        Socket client = new Socket(InetAddress.ofLiteral("127.0.0.1"), proxy.port())) {
      write(client, "GET http://127.0.0.1/ HTTP/1.1\r\n\r\n");
      assertThat(new String(client.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 405 Method Not Allowed\r\n");
    }
  }
}
