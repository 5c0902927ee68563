package dev.fid.transport.junixsocket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.splice.SpliceHandle;
import dev.fid.testkit.Handover;
import java.net.DatagramPacket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/// junixsocket's sockets and channels of UNIX datagrams.
@RequiresBpf
@InNewNetwork
class JunixDatagramTest {
  @TempDir private Path folder;

  private AFUNIXSocketAddress at(String name) throws Exception {
    return AFUNIXSocketAddress.of(folder.resolve(name));
  }

  private static DatagramPacket packet(String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    return new DatagramPacket(bytes, bytes.length);
  }

  private static String receive(AFUNIXDatagramSocket socket) throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    socket.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), US_ASCII);
  }

  private static String read(AFUNIXDatagramChannel channel) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    channel.read(buffer);
    return US_ASCII.decode(buffer.flip()).toString();
  }

  @Test
  void aSocketAndAChannelAreSplicedAndComeBack() throws Exception {
    try (Fid fid = Fid.open();
        AFUNIXDatagramSocket client = AFUNIXDatagramSocket.newInstance();
        AFUNIXDatagramSocket mine = AFUNIXDatagramSocket.newInstance();
        AFUNIXDatagramChannel yours = AFUNIXDatagramChannel.open();
        AFUNIXDatagramChannel server = AFUNIXDatagramChannel.open()) {
      client.bind(at("client"));
      mine.bind(at("mine"));
      client.connect(at("mine"));
      mine.connect(at("client"));
      yours.bind(at("yours"));
      server.bind(at("server"));
      yours.connect(at("server"));
      server.connect(at("yours"));
      SpliceHandle splice =
          fid.splice(JunixParty.of(mine), JunixParty.of(yours)).toCompletableFuture().join();
      Handover.await(
          splice::stats,
          i -> {
            client.send(packet("ask " + i));
            assertThat(read(server)).isEqualTo("ask " + i);
            server.write(ByteBuffer.wrap(("answer " + i).getBytes(US_ASCII)));
            assertThat(receive(client)).isEqualTo("answer " + i);
          });
      splice.unsplice().toCompletableFuture().join();
      assertThat(fid.mapEntries()).isZero();
      client.send(packet("to mine"));
      assertThat(receive(mine)).isEqualTo("to mine");
      server.write(ByteBuffer.wrap("to yours".getBytes(US_ASCII)));
      assertThat(read(yours)).isEqualTo("to yours");
    }
  }

  @Test
  void oneThatIsNotConnectedIsRefused() throws Exception {
    try (Fid fid = Fid.open();
        AFUNIXDatagramSocket socket = AFUNIXDatagramSocket.newInstance()) {
      socket.bind(at("alone"));
      var splice = fid.splice(JunixParty.of(socket), JunixParty.of(socket)).toCompletableFuture();
      assertThatThrownBy(splice::join)
          .hasMessageContaining("cannot be spliced: ")
          .hasMessageContaining("it is not connected")
          .hasMessageContaining("connect it");
    }
  }
}
