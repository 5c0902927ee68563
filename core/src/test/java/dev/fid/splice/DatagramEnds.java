package dev.fid.splice;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import java.net.InetAddress;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Two connections, the first of datagrams, each with an application at its far end (`near`,
/// `far`); the ends `a` and `b` are to be spliced. All are descriptors, and this one's.
record DatagramEnds(int near, int a, int b, int far, @Nullable SocketPair stream)
    implements AutoCloseable {
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  static DatagramEnds of(Family first, Family second) throws Exception {
    int near = bound(first, "127.0.0.1");
    int a = connected(first, near);
    if (!second.isDatagram()) {
      SocketPair pair = second == Family.TCP ? SocketPair.tcp() : SocketPair.unix();
      return new DatagramEnds(near, a, pair.takeServer(), pair.client(), pair);
    }
    int far = bound(second, "127.0.0.1");
    return new DatagramEnds(near, a, connected(second, far), far, null);
  }

  static int bound(Family family, String host) throws OsException {
    SocketName name =
        family == Family.UDP
            ? SocketName.inet(InetAddress.ofLiteral(host), 0)
            : SocketName.unix("@fid-test-" + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE));
    int fd = Sockets.socket(name.family(), Sockets.SOCK_DGRAM);
    Sockets.bind(fd, name);
    return fd;
  }

  /// A socket that is connected with this one, both ways.
  private static int connected(Family family, int peer) throws OsException {
    int fd = bound(family, "127.0.0.1");
    connect(fd, peer);
    connect(peer, fd);
    return fd;
  }

  static void connect(int fd, int peer) throws OsException {
    int result = Sockets.connect(fd, Sockets.localName(peer));
    if (result < 0) {
      throw new OsException("connect", -result);
    }
  }

  Party first() {
    return Party.descriptor(a);
  }

  Party second() {
    return Party.descriptor(b);
  }

  Session splice(Splicer splicer, SpliceOptions options) {
    return (Session) splicer.splice(first(), second(), options).toCompletableFuture().join();
  }

  @Override
  public void close() {
    Fds.close(near);
    Fds.close(a);
    Fds.close(b);
    if (stream == null) {
      Fds.close(far);
    } else {
      stream.close();
    }
  }
}
