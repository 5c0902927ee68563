package dev.fid.cli.bench.load;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A UDP relay that does one thing wrong on the way to the back end, each time that it comes to a
/// tenth datagram.
final class BadDatagramRelay implements AutoCloseable {
  private static final int LONGEST = 2048;
  private static final int EACH = 10;
  private static final int BUFFER = 4 << 20;

  enum Wrong {
    NOTHING,
    FLIPS,
    CUTS,
    DOUBLES,
    LOSES,
    MIXES_UP,
    SWALLOWS
  }

  private final DatagramSocket front;
  private final InetSocketAddress back;
  private final Wrong wrong;
  private final Map<SocketAddress, DatagramSocket> clients = new ConcurrentHashMap<>();
  private int count;

  private BadDatagramRelay(DatagramSocket front, int back, Wrong wrong) {
    this.front = front;
    this.back = new InetSocketAddress(InetAddress.getLoopbackAddress(), back);
    this.wrong = wrong;
  }

  @MustBeClosed
  static BadDatagramRelay start(int back, Wrong wrong) throws IOException {
    DatagramSocket front =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    front.setReceiveBufferSize(BUFFER);
    BadDatagramRelay relay = new BadDatagramRelay(front, back, wrong);
    Thread.ofPlatform().daemon().start(relay::upstream);
    return relay;
  }

  int port() {
    return front.getLocalPort();
  }

  private void upstream() {
    DatagramPacket packet = new DatagramPacket(new byte[LONGEST], LONGEST);
    try {
      while (true) {
        front.receive(packet);
        DatagramSocket client = clients.get(packet.getSocketAddress());
        if (client == null) {
          client = open(packet.getSocketAddress());
        }
        forward(client, packet);
        packet.setLength(LONGEST);
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void forward(DatagramSocket client, DatagramPacket packet) throws IOException {
    byte[] bytes = packet.getData();
    int length = packet.getLength();
    if (wrong == Wrong.SWALLOWS) {
      return;
    }
    if (++count % EACH != 0) {
      client.send(new DatagramPacket(bytes, length, back));
      return;
    }
    DatagramSocket to = client;
    switch (wrong) {
      case FLIPS -> bytes[length - 1]++;
      case CUTS -> length--;
      case DOUBLES -> client.send(new DatagramPacket(bytes, length, back));
      case LOSES -> {
        return;
      }
      case MIXES_UP ->
          to =
              clients.values().stream().filter(any -> !any.equals(client)).findAny().orElse(client);
      case NOTHING, SWALLOWS -> {}
    }
    to.send(new DatagramPacket(bytes, length, back));
  }

  private DatagramSocket open(SocketAddress client) throws IOException {
    DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    socket.setReceiveBufferSize(BUFFER);
    clients.put(client, socket);
    Thread.ofPlatform().daemon().start(() -> downstream(socket, client));
    return socket;
  }

  private void downstream(DatagramSocket from, SocketAddress client) {
    DatagramPacket packet = new DatagramPacket(new byte[LONGEST], LONGEST);
    try {
      while (true) {
        from.receive(packet);
        front.send(new DatagramPacket(packet.getData(), packet.getLength(), client));
        packet.setLength(LONGEST);
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  @Override
  public void close() {
    front.close();
    clients.values().forEach(DatagramSocket::close);
  }
}
