package dev.fid.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import dev.fid.transport.Rig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class UnixConnectTest {
  @RegisterExtension static final Rig rig = new Rig();

  private static final Duration SHORT = Duration.ofMillis(300);

  private final UnixTransport unix = new UnixTransport();
  private final Address.Unix address = new Address.Unix("@fid-test-" + UUID.randomUUID());

  @TempDir Path directory;

  @Test
  void connectsAtOnceOnTheLoop() throws Exception {
    var accepted = rig.accept(rig.listen(unix, address));

    CompletableFuture<Endpoint> result = new CompletableFuture<>();
    boolean atOnce =
        rig.loop()
            .submit(() -> {
              unix.connect(address, Rig.LONG, rig.loop(), rig.answer(result));
              return result.isDone();
            })
            .get();

    assertThat(atOnce).isTrue();
    assertThat(result.get().family()).isEqualTo(Family.UNIX_STREAM);
    Rig.assertJoined(result.get(), accepted.take());
  }

  @Test
  void aBackendThatIsSlowToAcceptIsReached() throws Exception {
    Transport.Listener full = full();
    CompletableFuture<Endpoint> waiting = rig.connect(unix, address, Rig.LONG);
    rig.loop().submit(() -> {}).sync();
    assertThat(waiting).isNotDone();

    var accepted = rig.accept(full);

    Endpoint client = waiting.get();
    accepted.take();
    Rig.assertJoined(client, accepted.take());
  }

  @Test
  void aBackendThatDoesNotAcceptRunsIntoTheTimeout() throws Exception {
    full();

    failure(rig.connect(unix, address, SHORT))
        .withMessage(
            "connect to "
                + address
                + ": no answer in 0.3 s: the backend's queue stayed full: it accepts too slowly, or"
                + " its backlog is too short");
  }

  @Test
  void aBackendThatGoesAwayMeanwhileIsSeen() throws Exception {
    Transport.Listener full = full();
    CompletableFuture<Endpoint> waiting = rig.connect(unix, address, Rig.LONG);
    rig.loop().submit(() -> {}).sync();

    full.close();

    failure(waiting).withMessageContaining("ECONNREFUSED");
  }

  @Test
  void aLoopThatShutsDownFailsAWaitingConnect() throws Exception {
    full();
    CompletableFuture<Endpoint> waiting = rig.connect(unix, address, Rig.LONG);
    rig.loop().submit(() -> {}).sync();

    rig.stop();

    failure(waiting).withMessageEndingWith("the event loop was shut down");
  }

  @Test
  void aMissingFileFailsAtOnce() {
    Address missing = new Address.Unix(directory.resolve("missing.sock").toString());

    failure(rig.connect(unix, missing, Rig.LONG))
        .withMessage(
            "connect to "
                + missing
                + ": ENOENT (No such file or directory): there is no such socket file: start the"
                + " backend, or correct the path");
  }

  @Test
  void aFileOnWhichNothingListensFailsAtOnce() throws Exception {
    Path path = directory.resolve("stale.sock");
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM);
    Sockets.bind(fd, SocketName.unix(path.toString()));
    Fds.close(fd);

    failure(rig.connect(unix, new Address.Unix(path.toString()), Rig.LONG))
        .withMessageContaining("ECONNREFUSED (Connection refused): nothing listens there");
    assertThat(path).exists();
    Files.delete(path);
  }

  @Test
  void aDatagramSocketIsNamedAsSuch() throws Exception {
    Path path = directory.resolve("datagrams.sock");
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM);
    try {
      Sockets.bind(fd, SocketName.unix(path.toString()));

      failure(rig.connect(unix, new Address.Unix(path.toString()), Rig.LONG))
          .withMessageContaining("of another type than that of unix://");
    } finally {
      Fds.close(fd);
    }
  }

  @Test
  void aPathThatIsTooLongFails() {
    failure(rig.connect(unix, new Address.Unix("/" + "x".repeat(107)), Rig.LONG))
        .withMessageContaining("at most 107");
  }

  /// A listener whose queue has no room: with a backlog of 0 the kernel queues one connection.
  private Transport.Listener full() throws Exception {
    Transport.Listener listener = rig.listen(unix, address, new ListenOptions(0, null));
    rig.connect(unix, address);
    return listener;
  }

  private static ThrowableAssertAlternative<?> failure(CompletableFuture<Endpoint> connect) {
    return assertThat(connect).failsWithin(Rig.LONG).withThrowableThat().havingRootCause();
  }
}
