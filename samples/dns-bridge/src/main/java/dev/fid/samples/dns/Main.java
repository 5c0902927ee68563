package dev.fid.samples.dns;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fid.Fid;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.splice.Framing;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// A server that takes queries as DNS over TCP frames them, a client that sends them by UDP, and
/// the bridge between the two.
public final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException {
    InetAddress host = InetAddress.ofLiteral("127.0.0.1");
    try (Fid fid = Fid.open();
        ServerSocket server = new ServerSocket(0, 50, host);
        DatagramSocket client = new DatagramSocket()) {
      Thread.ofVirtual().start(() -> answer(server));
      Pipe bridge =
          fid.bind(
              PipeSpec.builder("dns")
                  .listen("udp://127.0.0.1:0")
                  .connect("tcp://127.0.0.1:" + server.getLocalPort())
                  .framing(Framing.LEN16)
                  .build());
      bridge.start();
      System.out.println(bridge.describe());
      int port = ((Address.Udp) bridge.listenAddress()).port();
      for (String name : new String[] {"a.example", "b.example", "c.example"}) {
        byte[] query = name.getBytes(UTF_8);
        client.send(new DatagramPacket(query, query.length, host, port));
        DatagramPacket answer = new DatagramPacket(new byte[512], 512);
        client.receive(answer);
        System.out.println(new String(answer.getData(), 0, answer.getLength(), UTF_8));
      }
    }
  }

  /// Each message has two bytes of length in front (RFC 1035, 4.2.2).
  private static void answer(ServerSocket server) {
    try (Socket connection = server.accept()) {
      DataInputStream in = new DataInputStream(connection.getInputStream());
      DataOutputStream out = new DataOutputStream(connection.getOutputStream());
      while (true) {
        String name = new String(in.readNBytes(in.readUnsignedShort()), UTF_8);
        byte[] answer = (name + " is at 192.0.2." + name.charAt(0) % 16).getBytes(UTF_8);
        out.writeShort(answer.length);
        out.write(answer);
      }
    } catch (IOException closed) {
      // The sample is over.
    }
  }
}
