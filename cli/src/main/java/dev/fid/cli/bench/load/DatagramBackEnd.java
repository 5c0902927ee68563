package dev.fid.cli.bench.load;

import dev.fid.os.Datagram;
import dev.fid.os.Epoll;
import dev.fid.os.Errno;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.util.Map;

/// Receives datagrams at one address, and answers those that want an answer. Of one loop.
final class DatagramBackEnd implements Handler {
  private static final int LONGEST = 1 << 16;

  /// Datagrams that are received before others have their turn.
  private static final int TURN = 64;

  private final Loop loop;
  private final int fd;
  private final Map<Long, DatagramClient> clients;
  private final Datagram datagram = new Datagram(LONGEST);

  private DatagramBackEnd(Loop loop, int fd, Map<Long, DatagramClient> clients) {
    this.loop = loop;
    this.fd = fd;
    this.clients = clients;
  }

  /// Receives as long as the process lives.
  ///
  /// @param clients by their numbers
  static void listen(Target target, Loop loop, Map<Long, DatagramClient> clients)
      throws IOException {
    int fd = target.socket();
    Sockets.bind(fd, target.name());
    DatagramBackEnd backEnd = new DatagramBackEnd(loop, fd, clients);
    loop.submit(() -> loop.add(fd, Epoll.IN, backEnd));
  }

  @Override
  public void ready(int events) {
    for (int i = 0; i < TURN; i++) {
      long length = datagram.receive(fd);
      if (length == -Errno.EAGAIN) {
        return;
      }
      if (length >= 0) {
        received();
      }
    }
  }

  private void received() {
    Message message = Message.read(datagram.payload());
    DatagramClient client = clients.get(message.client());
    // None: it is of an earlier trial, or came spoilt, and its client misses it.
    if (client != null && client.arrived(message, datagram.payload(), loop)) {
      datagram.send(fd, datagram.payload(), datagram.sender());
    }
  }
}
