package dev.fid.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.Transport;
import dev.fid.pipe.UnixFile;
import dev.fid.splice.Endpoint;
import dev.fid.splice.Family;
import dev.fid.transport.Rig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ServiceLoader;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Listening and connecting with UNIX SEQPACKET, which has with streams in common what they do.
class UnixSeqpacketTest {
  @RegisterExtension static final Rig rig = new Rig();

  private final UnixSeqpacketTransport unix = new UnixSeqpacketTransport();

  @TempDir Path directory;

  private Address.UnixSeqpacket at(String name) {
    return new Address.UnixSeqpacket(directory.resolve(name).toString());
  }

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(Transport.class))
        .anyMatch(UnixSeqpacketTransport.class::isInstance);
  }

  @Test
  void listensAtAPathWithItsModeAndTakesItAwayAgain() throws Exception {
    Address.UnixSeqpacket address = at("a.seq");
    Transport.Listener listener =
        rig.listen(unix, address, new ListenOptions(16, new UnixFile(0640, null, null)));
    assertThat(Files.getPosixFilePermissions(Path.of(address.path())))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    var accepted = rig.accept(listener);

    Endpoint client = rig.connect(unix, address);
    Endpoint server = accepted.take();
    Rig.assertJoined(client, server);
    for (Endpoint each : new Endpoint[] {client, server}) {
      assertThat(each.family()).isEqualTo(Family.UNIX_SEQPACKET);
      assertThat(Sockets.type(each.fd())).isEqualTo(Sockets.SOCK_SEQPACKET);
    }

    listener.close();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void listensAtAnAbstractName() throws Exception {
    Address address = new Address.UnixSeqpacket("@fid-test-" + UUID.randomUUID());
    var accepted = rig.accept(rig.listen(unix, address));

    Rig.assertJoined(rig.connect(unix, address), accepted.take());
  }

  @ParameterizedTest
  @ValueSource(ints = {Sockets.SOCK_STREAM, Sockets.SOCK_DGRAM, Sockets.SOCK_SEQPACKET})
  void aStaleFileIsReplacedWhateverItsType(int type) throws Exception {
    Address.UnixSeqpacket address = at("a.seq");
    int stale = Sockets.socket(Sockets.AF_UNIX, type);
    Sockets.bind(stale, SocketName.unix(address.path()));
    Fds.close(stale);

    var accepted = rig.accept(rig.listen(unix, address));

    Rig.assertJoined(rig.connect(unix, address), accepted.take());
  }

  @Test
  void aPathWhereAnotherListensIsRefused() throws Exception {
    rig.listen(new UnixTransport(), new Address.Unix(at("a").path()));
    assertThatThrownBy(() -> rig.listen(unix, at("a")))
        .hasMessageContaining("EADDRINUSE (Address already in use): another process listens there");
  }

  @Test
  void aBackendOfAnotherTypeIsNamedAsSuch() throws Exception {
    rig.listen(new UnixTransport(), new Address.Unix(at("a").path()));
    assertThat(rig.connect(unix, at("a"), Rig.LONG))
        .failsWithin(Rig.LONG)
        .withThrowableThat()
        .havingRootCause()
        .withMessageContaining("EPROTOTYPE")
        .withMessageContaining("of another type than that of unix+seqpacket://");
  }
}
