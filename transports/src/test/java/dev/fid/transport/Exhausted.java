package dev.fid.transport;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.transport.tcp.TcpTransport;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/// A process that runs out of descriptors while it accepts, then gets them back; started by
/// [DescriptorLimitTest] under a low limit.
///
/// Says on stdout what it does; a line on stdin tells it to give the descriptors back.
final class Exhausted {
  private static final int SPARE = 2;

  private Exhausted() {}

  public static void main(String[] args) throws Exception {
    int clients = Integer.parseInt(args[0]);
    IoEventLoop loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next();
    Queue<Integer> accepted = new ConcurrentLinkedQueue<>();
    try (Transport.Listener listener =
        new TcpTransport().listen(new Address.Tcp("127.0.0.1", 0), new ListenOptions(256, null))) {
      listener.start(
          loop,
          endpoint -> {
            accepted.add(endpoint.fd());
            if (accepted.size() == clients) {
              System.out.println("accepted all");
            }
          });
      int port = ((Address.Tcp) listener.address()).port();
      warmUp(port, accepted);
      List<Integer> ballast = takeAllBut(SPARE);
      System.out.println(port);
      waitForLine();
      ballast.forEach(Fds::close);
      waitForLine();
    } finally {
      loop.parent().shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }
  }

  private static void waitForLine() throws Exception {
    for (int c = System.in.read(); c >= 0 && c != '\n'; ) {
      c = System.in.read();
    }
  }

  /// Classes are read from files here, and the log reads the time zones: what needs descriptors
  /// later must be loaded while there are some.
  private static void warmUp(int port, Queue<Integer> accepted) throws Exception {
    AcceptTrouble trouble =
        new AcceptTrouble(
            LoggerFactory.getLogger(StreamListener.class), new Address.Unix("@warm-up"));
    trouble.failed(Errno.EBADF, 0);
    trouble.over(0);
    try (Socket client = new Socket()) {
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      while (accepted.isEmpty()) {
        Thread.sleep(1);
      }
      Fds.close(accepted.remove());
    }
  }

  /// Until there is room for two connections.
  private static List<Integer> takeAllBut(int spare) {
    List<Integer> taken = new ArrayList<>();
    int fd = duplicate();
    while (fd >= 0) {
      taken.add(fd);
      fd = duplicate();
    }
    for (int i = 0; i < spare; i++) {
      Fds.close(taken.removeLast());
    }
    return taken;
  }

  private static int duplicate() {
    try {
      return Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM);
    } catch (OsException e) {
      return -e.errno();
    }
  }
}
