package dev.fid.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.fid.os.OwnJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// samples/vsock-guest does what its README says.
class GuestSampleTest {
  private static final Path SAMPLE = Path.of("..", "samples", "vsock-guest");

  @Test
  void aServiceIsReachedOverVsock() throws Exception {
    byte[] page = new byte[1 << 20];
    new Random(1).nextBytes(page);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 18081), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    server.start();
    Process guest =
        fid("guest.yaml", "from-host: vsock://any:8080 -> tcp://127.0.0.1:18081, in kernel");
    Process host =
        fid("host.yaml", "to-guest: tcp://127.0.0.1:18080 -> vsock://local:8080, in kernel");
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(guest.inputReader().readLine()).isEqualTo("ready");
      assertThat(host.inputReader().readLine()).isEqualTo("ready");
      HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:18080/")).build();
      for (int i = 0; i < 3; i++) {
        assertThat(client.send(request, BodyHandlers.ofByteArray()).body()).isEqualTo(page);
      }
    } finally {
      server.stop(0);
      host.destroy();
      guest.destroy();
    }
    assertThat(host.waitFor()).isZero();
    assertThat(guest.waitFor()).isZero();
  }

  /// Once it has said its first line.
  private static Process fid(String file, String expected) throws IOException {
    Process started = fid(file);
    String line = started.inputReader().readLine();
    if (line != null && line.startsWith("#") && isProcessorsFault(started)) {
      started = fid(file);
      line = started.inputReader().readLine();
    }
    assertThat(line).isEqualTo(expected);
    return started;
  }

  private static boolean isProcessorsFault(Process failed) throws IOException {
    return OwnJvm.isProcessorsFault(failed.inputReader().readAllAsString());
  }

  private static Process fid(String file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            OwnJvm.REPORTING,
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.fid.cli.Main",
            "run",
            SAMPLE.resolve(file).toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
