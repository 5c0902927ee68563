package dev.fid.datagram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.SocketName;
import dev.fid.os.SocketPair;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.testkit.Messenger;
import dev.fid.testkit.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How sessions of datagrams begin and end.
@RequiresBpf
@InNewNetwork
class SessionTest {
  @TempDir private Path directory;
  private Fid fid;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void open() throws Exception {
    fid = Fid.open();
  }

  @AfterEach
  void close() {
    fid.close();
  }

  private static void until(BooleanSupplier holds) {
    SocketPair.await(() -> holds.getAsBoolean() ? 1 : 0, answer -> answer == 1);
  }

  private Pipe pipe(PipeSpec.Builder spec) throws Exception {
    Pipe pipe = fid.bind(spec.build());
    pipe.start();
    return pipe;
  }

  private static PipeSpec.Builder udp(Address back) {
    return PipeSpec.builder("udp").listen("udp://127.0.0.1:0").connect(back);
  }

  @Test
  void anIdleSessionEndsAndTheNextDatagramBeginsAnother() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe(udp(back.address()).idleTimeout(Patience.of(Duration.ofSeconds(3))));
      try (Messenger client = Messenger.to(pipe.listenAddress())) {
        for (int i = 0; i < 3; i++) {
          client.send(i, 100);
          Messenger.Received request = back.receive();
          assertThat(request.number()).isEqualTo(i);
          back.sendTo(request.from(), 10 + i, 100);
          assertThat(client.receive().number()).isEqualTo(10 + i);
          until(() -> pipe.stats().live() == 0);
        }
      }
      assertThat(pipe.stats().spliced()).isEqualTo(3);
      assertThat(pipe.stats().aborted()).isZero();
      assertThat(fid.mapEntries()).isZero();
    }
  }

  @Test
  void atTheLimitTheSessionThatIsIdleForLongestMakesRoom() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe(udp(back.address()).maxConnections(2));
      try (Messenger a = Messenger.to(pipe.listenAddress());
          Messenger b = Messenger.to(pipe.listenAddress());
          Messenger c = Messenger.to(pipe.listenAddress())) {
        // Answered: then the session knows that it is not idle.
        a.send(1, 8);
        var fromA = answer(back, a);
        b.send(2, 8);
        var fromB = answer(back, b);
        Thread.sleep(20); // more than a tick of the kernel's coarse clock
        a.send(3, 8);
        assertThat(answer(back, a)).isEqualTo(fromA);
        c.send(4, 8);
        assertThat(back.receive().number()).isEqualTo(4);
        until(() -> pipe.stats().live() == 2);
        assertThat(pipe.stats().evicted()).isEqualTo(1);
        assertThat(pipe.stats().rejected()).isZero();
        a.send(5, 8);
        assertThat(back.receive().from()).isEqualTo(fromA);
        b.send(6, 8);
        assertThat(back.receive().from()).isNotEqualTo(fromB);
      }
    }
  }

  /// Whom the back end answered.
  private static SocketName answer(Messenger back, Messenger client) {
    Messenger.Received request = back.receive();
    back.sendTo(request.from(), request.number(), 8);
    assertThat(client.receive().number()).isEqualTo(request.number());
    return request.from();
  }

  @Test
  void aReceiverThatIsNotThereYetDoesNotEndTheSession() throws Exception {
    Address address;
    try (Messenger reserved = Messenger.udp("127.0.0.1")) {
      address = reserved.address();
    }
    Pipe pipe = pipe(udp(address));
    try (Messenger client = Messenger.to(pipe.listenAddress())) {
      // The second of a burst meets the refusal of the first.
      until(() -> {
        for (int i = 0; i < 20; i++) {
          client.send(i, 100);
        }
        return pipe.stats().upstream().datagramDrops().unreachable() > 0;
      });
      try (Messenger back = Messenger.at(address)) {
        long number = 100;
        Messenger.Received received = back.poll();
        while (received == null) {
          client.send(number++, 100);
          Thread.sleep(1);
          received = back.poll();
        }
        long before = pipe.stats().upstream().redirectedSkbs();
        until(() -> {
          client.send(1, 100);
          return pipe.stats().upstream().redirectedSkbs() > before + 10;
        });
        assertThat(pipe.stats().live()).isEqualTo(1);
        assertThat(pipe.stats().spliced()).isEqualTo(1);
      }
    }
  }

  @Test
  void aUnixReceiverThatGoesEndsTheSession() throws Exception {
    String path = directory.resolve("back").toString();
    try (Messenger client = Messenger.udp("127.0.0.1")) {
      Pipe pipe;
      try (Messenger back = Messenger.unix(path)) {
        pipe = pipe(udp(back.address()));
        client.connect(pipe.listenAddress());
        client.send(1, 100);
        assertThat(back.receive().number()).isEqualTo(1);
        client.send(2, 100);
        assertThat(back.receive().number()).isEqualTo(2);
      }
      until(() -> {
        client.send(3, 100);
        return pipe.stats().failed() > 0;
      });
      Files.delete(Path.of(path));
      try (Messenger again = Messenger.unix(path)) {
        Messenger.Received received = again.poll();
        while (received == null) {
          client.send(4, 100);
          Thread.sleep(1);
          received = again.poll();
        }
        assertThat(received.number()).isIn(3L, 4L);
      }
    }
  }

  @Test
  void answersComeFromTheAddressThatTheClientSentTo() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1");
        Messenger client = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe(PipeSpec.builder("any").listen("udp://0.0.0.0:0").connect(back.address()));
      int port = ((Address.Udp) pipe.listenAddress()).port();
      // A connected socket takes answers from that address alone.
      client.connect(new Address.Udp("127.0.0.7", port));
      for (int i = 0; i < 5; i++) {
        client.send(i, 100);
        back.sendTo(back.receive().from(), i, 100);
        assertThat(client.receive().number()).isEqualTo(i);
      }
    }
  }

  @Test
  void aPortIsTakenOnce() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1")) {
      Pipe first = pipe(udp(back.address()));
      try (Messenger client = Messenger.to(first.listenAddress())) {
        client.send(1, 8);
        back.receive();
        assertThatThrownBy(() ->
                fid.bind(
                    PipeSpec.builder("second")
                        .listen(first.listenAddress())
                        .connect(back.address())
                        .build()))
            .hasMessageContaining("EADDRINUSE")
            .hasMessageContaining("ss -lunp sport = :");
      }
    }
  }

  @Test
  void anEmptyDatagramIsDroppedAndCountedInTheKernel() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe(udp(back.address()));
      try (Messenger client = Messenger.to(pipe.listenAddress())) {
        until(() -> {
          client.send(1, 8);
          return pipe.stats().upstream().redirectedSkbs() > 0;
        });
        until(() -> {
          client.sendEmpty();
          return pipe.stats().upstream().datagramDrops().empty() > 0;
        });
      }
    }
  }
}
