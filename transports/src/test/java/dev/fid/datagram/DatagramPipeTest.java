package dev.fid.datagram;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.Fid;
import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.testkit.Handover;
import dev.fid.testkit.Messenger;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RequiresBpf
@InNewNetwork
class DatagramPipeTest {

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

  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // each branch gives one to the caller
  private Messenger backEnd(String family) throws Exception {
    return switch (family) {
      case "udp" -> Messenger.udp("127.0.0.1");
      case "udp6" -> Messenger.udp("::1");
      default -> Messenger.unix(directory.resolve("back").toString());
    };
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, udp", "'[::1]', udp", "127.0.0.1, udp6", "127.0.0.1, unix"})
  void requestsAndAnswersGoByTheKernel(String front, String family) throws Exception {
    try (Messenger back = backEnd(family);
        Messenger client = Messenger.udp(front.equals("127.0.0.1") ? front : "::1")) {
      Pipe pipe =
          fid.bind(
              PipeSpec.builder("p")
                  .listen("udp://" + front + ":0")
                  .connect(back.address())
                  .build());
      pipe.start();
      Address.Udp listen = (Address.Udp) pipe.listenAddress();
      client.connect(new Address.Udp(listen.host(), listen.port()));

      int next =
          Handover.await(
              () -> Handover.relays(pipe.stats().upstream(), pipe.stats().downstream()),
              number -> exchange(client, back, number, 100));
      for (int i = 0; i < 100; i++) {
        exchange(client, back, next + i, 8 + 600 * i);
      }
      assertThat(pipe.describe()).isEqualTo("in kernel");
      assertThat(pipe.stats().spliced()).isEqualTo(1);
      assertThat(pipe.stats().upstream().redirectedSkbs()).isGreaterThan(90);
      assertThat(pipe.stats().downstream().redirectedSkbs()).isGreaterThan(90);
      assertThat(pipe.stats().upstream().droppedSkbs()).isZero();
    }
  }

  private static void exchange(Messenger client, Messenger back, int number, int length)
      throws Exception {
    client.send(number, length);
    Messenger.Received request = back.receive();
    assertThat(request.number()).isEqualTo(number);
    assertThat(request.length()).isEqualTo(length);
    back.sendTo(request.from(), -number, length);
    assertThat(client.receive().number()).isEqualTo(-number);
  }
}
