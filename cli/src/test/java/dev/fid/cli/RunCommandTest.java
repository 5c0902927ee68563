package dev.fid.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs `fid run` in a process of its own, from the pipe file to the signal.
final class RunCommandTest {
  private static final Pattern PORT = Pattern.compile("://127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern BOTH_WAYS = Pattern.compile("(?s)(pipe=\"web\"\\} 8\\.0\\n.*){2}");

  @TempDir private Path folder;
  private EchoBackend backend;

  @BeforeEach
  @SuppressWarnings("MustBeClosedChecker") // closed after each
  void startBackend() throws IOException {
    backend = EchoBackend.start();
  }

  @AfterEach
  void closeBackend() throws IOException {
    backend.close();
  }

  @Test
  void saysEachPipeAndReady() throws Exception {
    try (FidProcess fid = run(web(0) + pipe("app", 0, backend.unix().toString()))) {
      List<String> lines = fid.untilReady();

      assertThat(lines).hasSize(2);
      assertThat(lines.get(0)).matches("web: tcp://127.0.0.1:\\d+ -> " + backend.tcp() + ", .+");
      assertThat(lines.get(1)).matches("app: tcp://127.0.0.1:\\d+ -> " + backend.unix() + ", .+");
      for (String line : lines) {
        try (Socket client = connect(port(line))) {
          assertEchoes(client, line);
        }
      }
    }
  }

  @Test
  void saysThatAPipeOfSeqpacketIsRelayedAndWhy() throws Exception {
    String yaml =
        "pipes:\n  - name: seq\n    listen: unix+seqpacket://%s\n    connect: unix+seqpacket://@none\n"
            .formatted(folder.resolve("seq"));
    try (FidProcess fid = run(yaml)) {
      assertThat(fid.untilReady().getFirst())
          .endsWith("relayed: the kernel takes no UNIX SEQPACKET socket into a sockmap");
    }
    try (FidProcess fid = run(yaml + "    on_unsupported: refuse\n")) {
      assertThat(fid.exit()).isEqualTo(1);
      assertThat(fid.errors())
          .anyMatch(line -> line.contains("takes no UNIX SEQPACKET socket into a sockmap (on_"));
    }
  }

  @Test
  void relaysEverythingIfItIsTold() throws Exception {
    try (FidProcess fid = run(web(0), "--relay")) {
      String line = fid.untilReady().getFirst();

      assertThat(line).contains("relayed").doesNotContain("in kernel");
      try (Socket client = connect(port(line))) {
        assertEchoes(client, "by user space");
      }
    }
  }

  @Test
  void stopsAcceptingThenDrainsThenEndsWithZero() throws Exception {
    try (FidProcess fid = run(web(0), "--grace", "1h")) {
      int port = port(fid.untilReady().getFirst());
      try (Socket client = connect(port)) {
        assertEchoes(client, "before the signal");

        fid.terminate();
        Eventually.holds("accepts no more", () -> refuses(port));

        assertEchoes(client, "while draining");
      }
      assertThat(fid.exit()).isZero();
      assertThat(fid.errors()).anyMatch(line -> line.contains("INFO  stopped"));
    }
  }

  @Test
  void closesWhatOutlivesTheGracePeriod() throws Exception {
    try (FidProcess fid = run(web(0), "--grace", "100ms")) {
      try (Socket client = connect(port(fid.untilReady().getFirst()))) {
        assertEchoes(client, "before the signal");

        fid.terminate();

        assertThat(fid.exit()).isZero();
      }
    }
  }

  @Test
  void aSecondSignalEndsItAtOnce() throws Exception {
    try (FidProcess fid = run(web(0), "--grace", "1h")) {
      try (Socket client = connect(port(fid.untilReady().getFirst()))) {
        assertEchoes(client, "before the signal");
        fid.terminate();
        Eventually.holds(
            "drains", () -> fid.errors().stream().anyMatch(line -> line.contains("stopping")));

        fid.terminate();

        assertThat(fid.exit()).isEqualTo(1);
      }
    }
  }

  @Test
  void servesMetricsOfLiveConnections() throws Exception {
    try (FidProcess fid = run("metrics: 127.0.0.1:0\n" + web(0))) {
      try (Socket client = connect(port(fid.untilReady().getFirst()))) {
        assertEchoes(client, "12345678");
        Eventually.holds("says where", () -> metricsLine(fid).isPresent());
        String uri = "http://127.0.0.1:" + port(metricsLine(fid).orElseThrow()) + "/metrics";
        String text = get(uri);
        for (int i = 0; i < 1000 && !BOTH_WAYS.matcher(text).find(); i++) {
          Thread.sleep(10); // bytes are counted once they are sent
          text = get(uri);
        }

        assertThat(text)
            .contains("fid_connections{pipe=\"web\"} 1.0")
            .containsPattern(
                "fid_connections_total\\{pipe=\"web\",result=\"(spliced|relayed)\"} 1\\.0")
            .containsPattern(
                "fid_bytes_total\\{direction=\"upstream\",path=\"\\w+\",pipe=\"web\"} 8\\.0")
            .containsPattern(
                "fid_bytes_total\\{direction=\"downstream\",path=\"\\w+\",pipe=\"web\"} 8\\.0")
            .contains("fid_gate_closings_total{direction=\"upstream\",pipe=\"web\"}")
            .contains("fid_dropped_skbs_total{direction=\"upstream\",pipe=\"web\",reason=");
      }
    }
  }

  @Test
  void tellsSystemd() throws Exception {
    try (NotifySocket systemd = NotifySocket.bind("@fid-run-" + ProcessHandle.current().pid());
        FidProcess fid =
            FidProcess.start(
                Map.of("NOTIFY_SOCKET", systemd.name()), "run", write(web(0)).toString())) {
      fid.untilReady();
      assertThat(systemd.next()).startsWith("READY=1\n");

      fid.terminate();
      assertThat(systemd.next()).startsWith("STOPPING=1\n");
      assertThat(fid.exit()).isZero();
    }
  }

  @Test
  void namesThePipeThatCannotStartBeforeAnotherAccepts() throws Exception {
    try (ServerSocket taken = listener();
        FidProcess fid =
            run(web(0) + pipe("second", taken.getLocalPort(), backend.tcp().toString()))) {
      assertThat(fid.exit()).isEqualTo(1);
      assertThat(fid.output()).isEmpty();
      assertThat(fid.errors())
          .singleElement()
          .asString()
          .contains("second", "tcp://127.0.0.1:" + taken.getLocalPort(), "EADDRINUSE");
    }
  }

  @Test
  void namesTheMetricsAddressThatIsInUse() throws Exception {
    try (ServerSocket taken = listener();
        FidProcess fid = run("metrics: 127.0.0.1:" + taken.getLocalPort() + "\n" + web(0))) {
      assertThat(fid.exit()).isEqualTo(1);
      assertThat(fid.output()).isEmpty();
      assertThat(fid.errors()).singleElement().asString().contains("metrics: listen on 127.0.0.1:");
    }
  }

  @Test
  void sumsUpRepeatedFailuresWithoutStackTraces() throws Exception {
    int nobody;
    try (ServerSocket closed = listener()) {
      nobody = closed.getLocalPort();
    }
    try (FidProcess fid = run("pipes:\n" + pipe("web", 0, "tcp://127.0.0.1:" + nobody))) {
      int port = port(fid.untilReady().getFirst());
      for (int i = 0; i < 50; i++) {
        try (Socket client = connect(port)) {
          assertThat(ends(client)).isTrue();
        } catch (SocketException e) {
          assertThat(e).hasMessageContaining("reset"); // before connect(2) had returned
        }
      }
      fid.terminate();

      assertThat(fid.exit()).isZero();
      List<String> warnings =
          fid.errors().stream().filter(line -> line.contains("127.0.0.1:" + nobody)).toList();
      assertThat(warnings).isNotEmpty().hasSizeLessThan(10);
      assertThat(fid.errors()).noneMatch(line -> line.startsWith("\tat "));
    }
  }

  private FidProcess run(String yaml, String... options) throws IOException {
    String[] args = new String[options.length + 2];
    args[0] = "run";
    args[1] = write(yaml).toString();
    System.arraycopy(options, 0, args, 2, options.length);
    return FidProcess.start(Map.of(), args);
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(folder.resolve("pipes.yaml"), yaml);
  }

  private String web(int port) throws IOException {
    return "pipes:\n" + pipe("web", port, backend.tcp().toString());
  }

  private static String pipe(String name, int port, String connect) {
    return "  - name: %s\n    listen: tcp://127.0.0.1:%d\n    connect: %s\n"
        .formatted(name, port, connect);
  }

  private static ServerSocket listener() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  }

  private static int port(String line) {
    Matcher matcher = PORT.matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static Optional<String> metricsLine(FidProcess fid) {
    return fid.errors().stream().filter(line -> line.contains("metrics:")).findFirst();
  }

  private static boolean refuses(int port) {
    try (Socket _ = connect(port)) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static boolean ends(Socket client) {
    try {
      return client.getInputStream().read() < 0;
    } catch (IOException e) {
      return true;
    }
  }

  private static void assertEchoes(Socket client, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    client.getOutputStream().write(bytes);
    assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
  }

  private static String get(String uri) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString())
          .body();
    }
  }
}
