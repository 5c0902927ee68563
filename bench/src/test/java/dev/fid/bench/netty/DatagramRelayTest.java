package dev.fid.bench.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.pipe.Address;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A rival that mixed up its clients would be no rival.
final class DatagramRelayTest {
  private static final int CLIENTS = 20;
  private static final int ROUNDS = 200;
  private static final int PATIENCE_MILLIS = 60_000;

  /// All send before any is answered; each gets its own answers, in order.
  @Test
  void givesEachClientItsAnswers() throws Exception {
    try (DatagramSocket backEnd = socket()) {
      Address.Udp front = new Address.Udp("127.0.0.1", freePort());
      try (DatagramRelay _ =
          DatagramRelay.start(front, new Address.Udp("127.0.0.1", backEnd.getLocalPort()))) {
        List<DatagramSocket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          DatagramSocket client = socket();
          client.connect(new InetSocketAddress(front.host(), front.port()));
          clients.add(client);
        }
        for (int round = 0; round < ROUNDS; round++) {
          for (int i = 0; i < CLIENTS; i++) {
            send(clients.get(i), round * CLIENTS + i);
          }
          for (int i = 0; i < CLIENTS; i++) {
            answer(backEnd);
          }
          for (int i = 0; i < CLIENTS; i++) {
            assertThat(receive(clients.get(i))).isEqualTo(-(round * CLIENTS + i));
          }
        }
        clients.forEach(DatagramSocket::close);
      }
    }
  }

  private static DatagramSocket socket() throws IOException {
    DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static int freePort() throws IOException {
    try (DatagramSocket free = socket()) {
      return free.getLocalPort();
    }
  }

  private static void send(DatagramSocket socket, int number) throws IOException {
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    socket.send(new DatagramPacket(bytes, bytes.length));
  }

  private static int receive(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[Integer.BYTES], Integer.BYTES);
    socket.receive(packet);
    return ByteBuffer.wrap(packet.getData()).getInt();
  }

  private static void answer(DatagramSocket backEnd) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[Integer.BYTES], Integer.BYTES);
    backEnd.receive(packet);
    int number = ByteBuffer.wrap(packet.getData()).getInt();
    packet.setData(ByteBuffer.allocate(Integer.BYTES).putInt(-number).array());
    backEnd.send(packet);
  }
}
