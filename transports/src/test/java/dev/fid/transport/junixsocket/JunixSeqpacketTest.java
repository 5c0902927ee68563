package dev.fid.transport.junixsocket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.Fid;
import dev.fid.splice.SpliceHandle;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.newsclub.net.unix.AFSocketType;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketPair;

/// junixsocket has SEQPACKET sockets as channels of datagrams; what they are, the kernel says.
class JunixSeqpacketTest {
  private static void write(AFUNIXDatagramChannel channel, String text) throws Exception {
    channel.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
  }

  private static String read(AFUNIXDatagramChannel channel) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    channel.read(buffer);
    return US_ASCII.decode(buffer.flip()).toString();
  }

  @Test
  void twoPairsAreSplicedMessageByMessage() throws Exception {
    AFUNIXSocketPair<AFUNIXDatagramChannel> near =
        AFUNIXSocketPair.openDatagram(AFSocketType.SOCK_SEQPACKET);
    AFUNIXSocketPair<AFUNIXDatagramChannel> far =
        AFUNIXSocketPair.openDatagram(AFSocketType.SOCK_SEQPACKET);
    try (Fid fid = Fid.open();
        AFUNIXDatagramChannel client = near.getSocket1();
        AFUNIXDatagramChannel mine = near.getSocket2();
        AFUNIXDatagramChannel yours = far.getSocket1();
        AFUNIXDatagramChannel server = far.getSocket2()) {
      SpliceHandle splice =
          fid.splice(JunixParty.of(mine), JunixParty.of(yours)).toCompletableFuture().join();
      assertThat(splice.stats().upstream().plan().toString()).contains("SEQPACKET");
      write(client, "one");
      write(client, "two and more");
      assertThat(read(server)).isEqualTo("one");
      assertThat(read(server)).isEqualTo("two and more");
      write(server, "answer");
      assertThat(read(client)).isEqualTo("answer");
      assertThat(splice.stats().upstream().relayedMessages()).isEqualTo(2);

      splice.unsplice().toCompletableFuture().join();
      write(client, "to mine");
      assertThat(read(mine)).isEqualTo("to mine");
    }
  }
}
