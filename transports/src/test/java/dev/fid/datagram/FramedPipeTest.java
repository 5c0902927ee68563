package dev.fid.datagram;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.splice.Framing;
import dev.fid.splice.HalfClose;
import dev.fid.testkit.Handover;
import dev.fid.testkit.Messenger;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RequiresBpf
@InNewNetwork
class FramedPipeTest {
  private static final int MANY = 100_000;

  @TempDir private Path directory;
  private Fid fid;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void open() throws Exception {
    fid = Fid.open();
  }

  @AfterEach
  void close() {
    fid.close();
  }

  private Pipe pipe(PipeSpec.Builder spec) throws Exception {
    Pipe pipe = fid.bind(spec.build());
    pipe.start();
    return pipe;
  }

  private static Socket connect(Pipe pipe) throws IOException {
    Address.Tcp address = (Address.Tcp) pipe.listenAddress();
    return new Socket(InetAddress.getLoopbackAddress(), address.port());
  }

  private static void write(Socket socket, Framing framing, long number, int length)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      byte[] message = Messenger.message(arena.allocate(length), number, length).toArray(JAVA_BYTE);
      // In one piece: in several, Nagle's algorithm would wait for acknowledgements that are
      // delayed.
      ByteArrayOutputStream framed = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(framed);
      if (framing == Framing.LEN16) {
        out.writeShort(length);
      } else {
        out.writeInt(length);
      }
      out.write(message);
      socket.getOutputStream().write(framed.toByteArray());
    }
  }

  private static long read(Socket socket, Framing framing, int length) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int told = framing == Framing.LEN16 ? in.readUnsignedShort() : in.readInt();
    assertThat(told).isEqualTo(length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message =
          arena.allocate(length).copyFrom(MemorySegment.ofArray(in.readNBytes(length)));
      return Messenger.check(message);
    }
  }

  @ParameterizedTest
  @CsvSource({"LEN16", "LEN32"})
  void datagramsGoIntoAStreamByTheKernel(Framing framing) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Messenger client = Messenger.udp("127.0.0.1")) {
      Pipe pipe =
          pipe(
              PipeSpec.builder("dns")
                  .listen("udp://127.0.0.1:0")
                  .connect("tcp://127.0.0.1:" + server.getLocalPort())
                  .framing(framing));
      client.connect(pipe.listenAddress());
      client.send(0, 100);
      try (Socket back = server.accept()) {
        assertThat(read(back, framing, 100)).isZero();
        int first =
            Handover.await(
                () -> Handover.relays(pipe.stats().upstream()),
                i -> {
                  client.send(i, 100);
                  assertThat(read(back, framing, 100)).isEqualTo(i);
                });
        for (int i = first; i < first + 100; i++) {
          int length = 8 + 650 * (i - first);
          client.send(i, length);
          assertThat(read(back, framing, length)).isEqualTo(i);
          write(back, framing, MANY + i, length);
          Messenger.Received answer = client.receive();
          assertThat(answer.number()).isEqualTo(MANY + i);
          assertThat(answer.length()).isEqualTo(length);
        }
        assertThat(pipe.stats().upstream().redirectedSkbs()).isGreaterThan(90);
        assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
        assertThat(pipe.stats().downstream().kernelBytes()).isGreaterThan(1_000_000);
        assertThat(pipe.stats().downstream().droppedSkbs()).isZero();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"LEN16", "LEN32"})
  void aStreamIsCutIntoDatagrams(Framing framing) throws Exception {
    try (Messenger back = Messenger.unix(directory.resolve("back").toString())) {
      Pipe pipe =
          pipe(
              PipeSpec.builder("cut")
                  .listen("tcp://127.0.0.1:0")
                  .connect(back.address())
                  .framing(framing));
      try (Socket client = connect(pipe)) {
        Handover.Exchange exchange =
            i -> {
              int length = 8 + 600 * (i % 100);
              write(client, framing, 2L * i, length);
              write(client, framing, 2L * i + 1, 8);
              Messenger.Received first = back.receive();
              assertThat(first.number()).isEqualTo(2L * i);
              assertThat(first.length()).isEqualTo(length);
              assertThat(back.receive().number()).isEqualTo(2L * i + 1);
              back.sendTo(first.from(), i, length);
              assertThat(read(client, framing, length)).isEqualTo(i);
            };
        int next =
            Handover.await(
                () -> Handover.relays(pipe.stats().upstream(), pipe.stats().downstream()),
                exchange);
        for (int i = next; i < next + 100; i++) {
          exchange.run(i);
        }
        assertThat(pipe.stats().downstream().redirectedSkbs()).isGreaterThan(90);
        assertThat(pipe.stats().upstream().redirectedSkbs()).isGreaterThan(180);
        assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
      }
    }
  }

  @Test
  void aMessageThatNoDatagramCanCarryIsDroppedAndCounted() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1")) {
      Pipe pipe =
          pipe(
              PipeSpec.builder("cut")
                  .listen("tcp://127.0.0.1:0")
                  .connect(back.address())
                  .halfClose(HalfClose.END)
                  .framing(Framing.LEN32));
      try (Socket client = connect(pipe)) {
        write(client, Framing.LEN32, 1, 65_507);
        write(client, Framing.LEN32, 2, 65_508);
        write(client, Framing.LEN32, 3, 3_000_000);
        write(client, Framing.LEN32, 4, 65_507);
        assertThat(back.receive().number()).isEqualTo(1);
        assertThat(back.receive().number()).isEqualTo(4);
        assertThat(pipe.stats().upstream().datagramDrops().tooLong()).isEqualTo(2);
      }
    }
  }
}
