package dev.fid.reach;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One end of a connection in a process of its own, to be killed: sends some bytes, then waits.
final class Victim implements AutoCloseable {
  private final Process process;

  private Victim(Process process) {
    this.process = process;
  }

  /// Connects to this address.
  static Victim client(SocketAddress front, int bytes) throws IOException {
    return start("connect", word(front), Integer.toString(bytes));
  }

  /// Listens on this address, and accepts one connection.
  static Victim server(SocketAddress address, int bytes) throws IOException {
    Victim victim = start("accept", word(address), Integer.toString(bytes));
    victim.awaitLine("listening");
    return victim;
  }

  /// Its bytes are with the kernel.
  void awaitSent() throws IOException {
    awaitLine("sent");
  }

  /// kill -9.
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(Bed.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("it lives on");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void awaitLine(String expected) throws IOException {
    String line = process.inputReader().readLine();
    if (!expected.equals(line)) {
      throw new AssertionError("expected '" + expected + "', it said: " + line);
    }
  }

  private static Victim start(String... words) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName());
    builder.command().addAll(List.of(words));
    return new Victim(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private static String word(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        ? unix.getPath().toString()
        : Integer.toString(((InetSocketAddress) address).getPort());
  }

  private static SocketAddress address(String word) throws IOException {
    return word.startsWith("/")
        ? UnixDomainSocketAddress.of(word)
        : new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(word));
  }

  /// `connect|accept ADDRESS BYTES`.
  public static void main(String[] words) throws IOException, InterruptedException {
    SocketChannel channel =
        words[0].equals("connect") ? SocketChannel.open(address(words[1])) : accept(words[1]);
    ByteBuffer bytes = ByteBuffer.allocate(Integer.parseInt(words[2]));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    System.out.println("sent");
    Thread.sleep(Bed.PATIENCE);
    channel.close();
  }

  private static SocketChannel accept(String word) throws IOException {
    SocketAddress address = address(word);
    ServerSocketChannel listener =
        address instanceof UnixDomainSocketAddress
            ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
    listener.bind(address);
    System.out.println("listening");
    return listener.accept();
  }
}
