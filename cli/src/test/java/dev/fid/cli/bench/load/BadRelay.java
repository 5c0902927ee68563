package dev.fid.cli.bench.load;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// A TCP relay that does one thing wrong in each direction that it is told, at one place of the
/// stream.
final class BadRelay implements AutoCloseable {
  /// Where it goes wrong.
  static final int PLACE = 50;

  enum Wrong {
    NOTHING,
    FLIPS_A_BYTE,
    LOSES_A_BYTE,
    DOUBLES_A_BYTE,
    CUTS,
    SWALLOWS,
    KEEPS_THE_END
  }

  private final ServerSocket listener;
  private final InetSocketAddress back;
  private final Wrong upstream;
  private final Wrong downstream;

  private BadRelay(ServerSocket listener, int back, Wrong upstream, Wrong downstream) {
    this.listener = listener;
    this.back = new InetSocketAddress(InetAddress.getLoopbackAddress(), back);
    this.upstream = upstream;
    this.downstream = downstream;
  }

  @MustBeClosed
  static BadRelay start(int back, Wrong upstream, Wrong downstream) throws IOException {
    ServerSocket listener = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    BadRelay relay = new BadRelay(listener, back, upstream, downstream);
    Thread.ofVirtual().start(relay::accept);
    return relay;
  }

  String uri() {
    return "tcp://127.0.0.1:" + listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket();
        server.connect(back);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> forward(client, server, upstream));
        Thread.ofVirtual().start(() -> forward(server, client, downstream));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private static void forward(Socket from, Socket to, Wrong wrong) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      out.write(in.readNBytes(PLACE));
      byte[] one = in.readNBytes(1);
      if (one.length == 1) {
        switch (wrong) {
          case FLIPS_A_BYTE -> out.write(~one[0]);
          case DOUBLES_A_BYTE -> out.write(new byte[] {one[0], one[0]});
          case CUTS -> {
            to.close();
            from.close();
            return;
          }
          case LOSES_A_BYTE -> {}
          case SWALLOWS -> {
            in.transferTo(OutputStream.nullOutputStream());
            return;
          }
          case NOTHING, KEEPS_THE_END -> out.write(one);
        }
      }
      in.transferTo(out);
      if (wrong != Wrong.KEEPS_THE_END) {
        to.shutdownOutput();
      }
    } catch (IOException e) {
      // The other direction has closed them.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
