package dev.fid.samples.statsd;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fid.Fid;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/// A statsd that listens on a UNIX datagram socket, a pipe in front of it that listens on UDP, and
/// a client that counts by UDP.
public final class Main {
  private static final int COUNTS = 300;

  private Main() {}

  public static void main(String[] args) throws IOException {
    Path path = Files.createTempDirectory("fid-sample").resolve("statsd");
    try (Fid fid = Fid.open();
        AFUNIXDatagramSocket statsd = AFUNIXDatagramSocket.newInstance()) {
      statsd.bind(AFUNIXSocketAddress.of(path));
      Pipe pipe =
          fid.bind(
              PipeSpec.builder("statsd")
                  .listen("udp://127.0.0.1:0")
                  .connect("unix+dgram://" + path)
                  .build());
      pipe.start();
      System.out.println(pipe.listenAddress() + " -> " + path + ": " + pipe.describe());
      Address.Udp front = (Address.Udp) pipe.listenAddress();
      Thread.ofVirtual().start(() -> count(front));
      System.out.println(sums(statsd));
      System.out.println("dropped: " + pipe.stats().upstream().droppedSkbs());
    } finally {
      Files.deleteIfExists(path);
      Files.delete(path.getParent());
    }
  }

  private static void count(Address.Udp front) {
    try (DatagramSocket client = new DatagramSocket()) {
      InetAddress host = InetAddress.ofLiteral(front.host());
      for (int i = 0; i < COUNTS; i++) {
        byte[] line = (i % 3 == 0 ? "misses:1|c" : "hits:1|c").getBytes(US_ASCII);
        client.send(new DatagramPacket(line, line.length, host, front.port()));
        Thread.sleep(0, 100_000); // a rate that any receiver takes
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Integer> sums(DatagramSocket statsd) throws IOException {
    Map<String, Integer> sums = new TreeMap<>();
    byte[] room = new byte[1500];
    for (int i = 0; i < COUNTS; i++) {
      DatagramPacket packet = new DatagramPacket(room, room.length);
      statsd.receive(packet);
      String line = new String(room, 0, packet.getLength(), US_ASCII);
      int value = Integer.parseInt(line.substring(line.indexOf(':') + 1, line.indexOf('|')));
      sums.merge(line.substring(0, line.indexOf(':')), value, Integer::sum);
    }
    return sums;
  }
}
