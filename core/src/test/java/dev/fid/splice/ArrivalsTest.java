package dev.fid.splice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.os.Datagram;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.testkit.Messenger;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private final List<String> events = new ArrayList<>();
  private final Arrivals arrivals = new Arrivals(() -> events.add("closed"));

  private static MemorySegment datagram(String text) {
    return MemorySegment.ofArray(text.getBytes(UTF_8));
  }

  @Test
  void whatIsAnotherClientsGoesThere() throws Exception {
    try (Messenger session = Messenger.udp("127.0.0.1");
        Messenger own = Messenger.to(session.address());
        Messenger other = Messenger.to(session.address());
        Datagram datagram = new Datagram(1000)) {
      List<SocketName> strays = new ArrayList<>();
      Arrivals bounded =
          new Arrivals(
              Sockets.localName(own.fd()), (sender, payload) -> strays.add(sender), () -> {});
      own.send(1, 100);
      SocketPair.await(() -> datagram.receive(session.fd()), length -> length == 100);
      assertThat(bounded.strayed(datagram)).isFalse();
      other.send(2, 100);
      SocketPair.await(() -> datagram.receive(session.fd()), length -> length == 100);
      assertThat(bounded.strayed(datagram)).isTrue();
      assertThat(strays).containsExactly(Sockets.localName(other.fd()));
      assertThat(arrivals.strayed(datagram)).as("no socket of its own").isFalse();
      bounded.dry();
      assertThat(bounded.mayStray()).as("may come late").isTrue();
      bounded.allQueued(150);
      assertThat(bounded.strayed(datagram)).as("was queued by then").isTrue();
      assertThat(bounded.mayStray()).isTrue();
      assertThat(bounded.strayed(datagram)).isTrue();
      assertThat(bounded.strayed(datagram)).as("came after it").isFalse();
    }
  }

  @Test
  void onceItWasEmptyNothingIsAnotherClients() throws Exception {
    try (Messenger own = Messenger.udp("127.0.0.1")) {
      Arrivals bounded = new Arrivals(Sockets.localName(own.fd()), (_, _) -> {}, () -> {});
      bounded.allQueued(1000);
      assertThat(bounded.mayStray()).isTrue();
      bounded.dry();
      assertThat(bounded.mayStray()).isFalse();
      Arrivals empty = new Arrivals(Sockets.localName(own.fd()), (_, _) -> {}, () -> {});
      empty.allQueued(0);
      assertThat(empty.mayStray()).isFalse();
    }
  }

  @Test
  void givesCopiesInOrderAndTellsOfThoseThatComeLater() {
    byte[] reused = "one".getBytes(UTF_8);
    arrivals.offer(MemorySegment.ofArray(reused));
    reused[0] = 'x';
    arrivals.listen(() -> events.add("came"));
    assertThat(events).isEmpty();
    assertThat(arrivals.offer(datagram("two"))).isTrue();
    assertThat(events).containsExactly("came");
    assertThat(arrivals.poll()).asString(UTF_8).isEqualTo("one");
    assertThat(arrivals.poll()).asString(UTF_8).isEqualTo("two");
    assertThat(arrivals.poll()).isNull();
    assertThat(arrivals.dropped()).isZero();
  }

  @Test
  void onceClosedASenderNeedsAnotherSession() {
    arrivals.offer(datagram("lost"));
    arrivals.close();
    arrivals.close();
    assertThat(events).containsExactly("closed");
    assertThat(arrivals.isClosed()).isTrue();
    assertThat(arrivals.offer(datagram("late"))).isFalse();
    assertThat(arrivals.poll()).isNull();
    assertThat(arrivals.dropped()).isEqualTo(1);
  }

  @Test
  void dropsAndCountsWhatIsTooMuch() {
    for (int i = 0; i < 1030; i++) {
      assertThat(arrivals.offer(datagram("x"))).isTrue();
    }
    assertThat(arrivals.dropped()).isEqualTo(6);
    Arrivals large = new Arrivals(() -> {});
    large.offer(MemorySegment.ofArray(new byte[1 << 20]));
    large.offer(datagram("x"));
    assertThat(large.dropped()).isEqualTo(1);
  }
}
