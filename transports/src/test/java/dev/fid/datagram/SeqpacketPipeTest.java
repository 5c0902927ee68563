package dev.fid.datagram;

import static dev.fid.testkit.PacketEnd.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.splice.Framing;
import dev.fid.splice.OnUnsupported;
import dev.fid.testkit.Messenger;
import dev.fid.testkit.PacketEnd;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Pipes of which a side is UNIX SEQPACKET, with sides of every kind.
@RequiresBpf
@InNewNetwork
class SeqpacketPipeTest {
  @TempDir private Path directory;
  private Fid fid;
  private int listener;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void open() throws Exception {
    fid = Fid.open();
    listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_SEQPACKET);
    Sockets.bind(listener, SocketName.unix(path("back")));
    Sockets.listen(listener, 16);
  }

  @AfterEach
  void close() {
    fid.close();
    Fds.close(listener);
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private Pipe pipe(PipeSpec.Builder spec) throws Exception {
    Pipe pipe = fid.bind(spec.build());
    pipe.start();
    return pipe;
  }

  private PipeSpec.Builder from(String front) {
    return PipeSpec.builder("seq").listen(front).connect("unix+seqpacket://" + path("back"));
  }

  private PipeSpec.Builder to(String back) {
    return PipeSpec.builder("seq").listen("unix+seqpacket://" + path("front")).connect(back);
  }

  private static void until(BooleanSupplier holds) {
    SocketPair.await(() -> holds.getAsBoolean() ? 1 : 0, answer -> answer == 1);
  }

  @Test
  void aPipeCarriesMessagesAndSaysThatItRelaysThem() throws Exception {
    Pipe pipe = pipe(from("unix+seqpacket://" + path("front")));
    assertThat(pipe.describe())
        .isEqualTo("relayed: the kernel takes no UNIX SEQPACKET socket into a sockmap");
    try (PacketEnd client = PacketEnd.to(path("front"));
        PacketEnd back = PacketEnd.of(listener)) {
      for (int i = 0; i < 100; i++) {
        client.send(message(i)).send(message(i + 1));
        back.expect(message(i));
        back.expect(message(i + 1));
        back.send(message(i));
        client.expect(message(i));
      }
      client.endWriting();
      back.expectEnd();
      back.send(message(7));
      client.expect(message(7));
      back.endWriting();
      client.expectEnd();
    }
    until(() -> pipe.stats().live() == 0);
    assertThat(pipe.stats().relayed()).isEqualTo(1);
    assertThat(pipe.stats().aborted()).isZero();
    assertThat(pipe.stats().upstream().relayedMessages()).isEqualTo(200);
    assertThat(pipe.stats().downstream().relayedMessages()).isEqualTo(101);
    assertThat(pipe.stats().upstream().relayBytes()).isPositive();
    pipe.close();
    assertThat(Path.of(path("front"))).doesNotExist();
  }

  @Test
  void aPipeThatIsNotToRelayIsNotBound() throws Exception {
    PipeSpec spec =
        from("unix+seqpacket://" + path("front")).onUnsupported(OnUnsupported.REFUSE).build();
    assertThatThrownBy(() -> fid.bind(spec))
        .hasMessage(
            "pipe seq: the kernel takes no UNIX SEQPACKET socket into a sockmap (on_unsupported:"
                + " refuse)");
    assertThat(Path.of(path("front"))).doesNotExist();
  }

  @Test
  void aClientWhoseBackendIsNotThereSeesTheEnd() throws Exception {
    Pipe pipe = pipe(to("unix+seqpacket://" + path("nobody")));
    try (PacketEnd client = PacketEnd.to(path("front"))) {
      client.mayBeReset().expectEnd();
    }
    until(() -> pipe.stats().failed() == 1);
  }

  @Test
  void moreConnectionsThanMayBeAreRejected() throws Exception {
    Pipe pipe = pipe(from("unix+seqpacket://" + path("front")).maxConnections(1));
    try (PacketEnd first = PacketEnd.to(path("front"));
        PacketEnd back = PacketEnd.of(listener);
        PacketEnd second = PacketEnd.to(path("front"))) {
      second.mayBeReset().expectEnd();
      first.send(message(1));
      back.expect(message(1));
    }
    assertThat(pipe.stats().rejected()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"LEN16", "LEN32"})
  void messagesGoIntoAStreamAndComeOutOfItWithTheirLength(Framing framing) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Pipe pipe = pipe(to("tcp://127.0.0.1:" + server.getLocalPort()).framing(framing));
      try (PacketEnd client = PacketEnd.to(path("front"));
          Socket back = server.accept()) {
        DataOutputStream out = new DataOutputStream(back.getOutputStream());
        DataInputStream in = new DataInputStream(back.getInputStream());
        for (int i = 0; i < 100; i++) {
          client.send(message(i));
          assertThat(read(in, framing)).isEqualTo(message(i));
          write(out, framing, message(i));
          client.expect(message(i));
        }
        client.send(message(0)).endWriting();
        assertThat(read(in, framing)).isEqualTo(message(0));
        assertThat(in.read()).as("the end").isEqualTo(-1);
        write(out, framing, message(1));
        write(out, framing, message(0));
        back.shutdownOutput();
        client.expect(message(1));
        client.expect(message(0));
        client.expectEnd();
      }
      until(() -> pipe.stats().live() == 0);
      assertThat(pipe.stats().aborted()).isZero();
      assertThat(pipe.stats().upstream().relayedMessages()).isEqualTo(101);
      assertThat(pipe.stats().downstream().relayedMessages()).isEqualTo(102);
    }
  }

  private static byte[] read(DataInputStream in, Framing framing) throws IOException {
    return in.readNBytes(framing == Framing.LEN16 ? in.readUnsignedShort() : in.readInt());
  }

  private static void write(DataOutputStream out, Framing framing, byte[] message)
      throws IOException {
    if (framing == Framing.LEN16) {
      out.writeShort(message.length);
    } else {
      out.writeInt(message.length);
    }
    out.write(message);
    out.flush();
  }

  @Test
  void aReaderOfAStreamThatStopsHoldsASenderOfMessagesBack() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Pipe out = pipe(to("tcp://127.0.0.1:" + server.getLocalPort()).framing(Framing.LEN32));
      try (PacketEnd client = PacketEnd.to(path("front"));
          Socket back = server.accept()) {
        byte[] message = message(5, 50_000);
        Thread reader =
            Thread.ofPlatform()
                .unstarted(() -> {
                  try {
                    DataInputStream in = new DataInputStream(back.getInputStream());
                    for (int i = 0; i < 1000; i++) {
                      assertThat(read(in, Framing.LEN32)).isEqualTo(message);
                    }
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
        long before = -1;
        int sent = 0;
        for (long now; (now = out.stats().upstream().relayBytes()) != before; before = now) {
          for (; sent < 1000 && client.offer(message) > 0; sent++) {}
          Thread.sleep(200);
        }
        assertThat(sent).as("50 MB would not fit").isLessThan(1000);
        reader.start();
        for (; sent < 1000; sent++) {
          client.send(message);
        }
        reader.join();
        until(() -> out.stats().upstream().relayedMessages() == 1000);
      }
    }
  }

  @Test
  void aMessageThatNoLengthCanTellIsDroppedAndCounted() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Pipe pipe = pipe(to("tcp://127.0.0.1:" + server.getLocalPort()).framing(Framing.LEN16));
      try (PacketEnd client = PacketEnd.to(path("front"));
          Socket back = server.accept()) {
        client.send(message(1, 65_535)).send(message(2, 65_536)).send(message(3, 3));
        DataInputStream in = new DataInputStream(back.getInputStream());
        assertThat(read(in, Framing.LEN16)).isEqualTo(message(1, 65_535));
        assertThat(read(in, Framing.LEN16)).isEqualTo(message(3, 3));
        assertThat(pipe.stats().upstream().datagramDrops().tooLong()).isEqualTo(1);
      }
    }
  }

  @Test
  void aStreamClientReachesABackendOfMessages() throws Exception {
    Pipe pipe = pipe(from("tcp://127.0.0.1:0").framing(Framing.LEN32));
    Address.Tcp front = (Address.Tcp) pipe.listenAddress();
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), front.port());
        PacketEnd back = PacketEnd.of(listener)) {
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      byte[] longest = message(5, 900_000);
      write(out, Framing.LEN32, message(0));
      write(out, Framing.LEN32, longest);
      back.expect(message(0));
      back.expect(longest);
      back.send(message(1)).endWriting();
      DataInputStream in = new DataInputStream(client.getInputStream());
      assertThat(read(in, Framing.LEN32)).isEqualTo(message(1));
      assertThat(in.read()).isEqualTo(-1);
      client.shutdownOutput();
      back.expectEnd();
    }
    until(() -> pipe.stats().live() == 0);
    assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
  }

  @Test
  void withoutALengthPayloadsFollowEachOther() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      pipe(to("tcp://127.0.0.1:" + server.getLocalPort()).framing(Framing.NONE));
      try (PacketEnd client = PacketEnd.to(path("front"));
          Socket back = server.accept()) {
        client.send(message(1)).send(message(0)).send(message(2)).endWriting();
        assertThat(back.getInputStream().readNBytes(message(1).length)).isEqualTo(message(1));
        assertThat(back.getInputStream().readAllBytes()).isEqualTo(message(2));
        back.getOutputStream().write(message(4, 100));
        client.expect(message(4, 100));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void messagesBecomeDatagramsAndBack(Kind kind) throws Exception {
    try (Messenger back = kind.receiver(path("datagrams"))) {
      Pipe pipe = pipe(to(back.address().toString()));
      try (PacketEnd client = PacketEnd.to(path("front"))) {
        for (int i = 0; i < 100; i++) {
          client.send(Messenger.bytes(i, 8 + 100 * i));
          Messenger.Received got = back.receive();
          assertThat(got.number()).isEqualTo(i);
          assertThat(got.length()).isEqualTo(8 + 100 * i);
          back.sendTo(got.from(), 1000 + i, 8 + 200 * i);
          client.expect(Messenger.bytes(1000 + i, 8 + 200 * i));
        }
      }
      until(() -> pipe.stats().live() == 0);
      assertThat(pipe.stats().upstream().relayedMessages()).isEqualTo(100);
      assertThat(pipe.stats().downstream().relayedMessages()).isEqualTo(100);
    }
  }

  @Test
  void datagramsReachABackendOfMessages() throws Exception {
    Pipe pipe = pipe(from("udp://127.0.0.1:0"));
    try (Messenger client = Messenger.to(pipe.listenAddress())) {
      client.send(1, 100);
      try (PacketEnd back = PacketEnd.of(listener)) {
        back.expect(Messenger.bytes(1, 100));
        back.send(Messenger.bytes(2, 200));
        Messenger.Received answer = client.receive();
        assertThat(answer.number()).isEqualTo(2);
        assertThat(answer.length()).isEqualTo(200);
        client.send(3, 300);
        back.expect(Messenger.bytes(3, 300));
      }
      until(() -> pipe.stats().live() == 0);
    }
  }

  /// What a side of datagrams is.
  enum Kind {
    UDP {
      @Override
      Messenger receiver(String path) throws IOException {
        return Messenger.udp("127.0.0.1");
      }
    },
    UNIX {
      @Override
      Messenger receiver(String path) throws IOException {
        return Messenger.unix(path);
      }
    };

    abstract Messenger receiver(String path) throws IOException;
  }
}
