package dev.fid.datagram;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.testkit.Handover;
import dev.fid.testkit.Messenger;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresBpf
@InNewNetwork
class UnixListenerTest {
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

  private Pipe pipe(Address to) throws Exception {
    Pipe pipe =
        fid.bind(
            PipeSpec.builder("log")
                .listen("unix+dgram://" + directory.resolve("log"))
                .connect(to)
                .build());
    pipe.start();
    return pipe;
  }

  @Test
  void sendersWithoutAnAddressGoByTheKernelToOneReceiver() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1")) {
      Pipe pipe = pipe(back.address());
      try (Messenger client = Messenger.to(pipe.listenAddress())) {
        Handover.await(
            () -> Handover.relays(pipe.stats().upstream()),
            i -> {
              client.send(i, 100);
              assertThat(back.receive().number()).isEqualTo(i);
            });
      }
      Map<Long, Integer> received = new HashMap<>();
      for (int sender = 0; sender < 10; sender++) {
        try (Messenger client = Messenger.to(pipe.listenAddress())) {
          for (int i = 0; i < 20; i++) {
            client.send(sender, 8 + 3000 * i);
            Messenger.Received one = back.receive();
            assertThat(one.length()).isEqualTo(8 + 3000 * i);
            received.merge(one.number(), 1, Integer::sum);
          }
        }
      }
      assertThat(received).hasSize(10).allSatisfy((_, count) -> assertThat(count).isEqualTo(20));
      assertThat(pipe.stats().upstream().redirectedSkbs()).isGreaterThan(150);
      assertThat(pipe.stats().live()).isEqualTo(1);
      assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
    }
  }

  @Test
  void aSenderWithAnAddressIsAnswered() throws Exception {
    try (Messenger back = Messenger.udp("127.0.0.1");
        Messenger a = Messenger.unix(directory.resolve("a").toString());
        Messenger b = Messenger.unix("@fid-b-" + System.nanoTime());
        Messenger nobody = Messenger.unnamed()) {
      Pipe pipe = pipe(back.address());
      a.connect(pipe.listenAddress());
      b.connect(pipe.listenAddress());
      nobody.connect(pipe.listenAddress());
      Handover.Exchange exchange =
          i -> {
            int length = 8 + 1000 * (i % 50);
            for (Messenger client : new Messenger[] {a, b}) {
              client.send(i, length);
              Messenger.Received request = back.receive();
              assertThat(request.number()).isEqualTo(i);
              back.sendTo(request.from(), -i, length);
              assertThat(client.receive().number()).isEqualTo(-i);
            }
            nobody.send(i, 8);
            assertThat(back.receive().length()).isEqualTo(8);
          };
      int next = Handover.await(() -> Handover.relays(pipe.stats().upstream()), exchange);
      for (int i = next; i < next + 50; i++) {
        exchange.run(i);
      }
      assertThat(pipe.stats().live()).isEqualTo(3);
      assertThat(pipe.stats().upstream().redirectedSkbs()).isGreaterThan(30);
      assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
      assertThat(pipe.stats().downstream().droppedSkbs()).isZero();
    }
  }
}
