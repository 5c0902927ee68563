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
import dev.fid.transport.Rig;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class UnixListenTest {
  @RegisterExtension static final Rig rig = new Rig();

  private final UnixTransport unix = new UnixTransport();

  @TempDir Path directory;

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(Transport.class)).anyMatch(UnixTransport.class::isInstance);
  }

  @Test
  void listensAtAPathAndTakesItAwayAgain() throws Exception {
    Address.Unix address = at("a.sock");
    Transport.Listener listener = rig.listen(unix, address);
    var accepted = rig.accept(listener);

    Rig.assertJoined(rig.connect(unix, address), accepted.take());
    assertThat(listener.address()).isEqualTo(address);

    listener.close();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theNameThatPeersSeeIsThePath() throws Exception {
    Address.Unix address = at("a.sock");
    rig.accept(rig.listen(unix, address));

    int client = rig.connect(unix, address).fd();

    assertThat(Sockets.peerName(client).host()).isEqualTo(address.path());
  }

  @Test
  void listensAtAnAbstractName() throws Exception {
    Address.Unix address = new Address.Unix("@fid-test-" + UUID.randomUUID());
    var accepted = rig.accept(rig.listen(unix, address));

    Rig.assertJoined(rig.connect(unix, address), accepted.take());
  }

  @Test
  void anAbstractNameInUseIsRefused() throws Exception {
    Address.Unix address = new Address.Unix("@fid-test-" + UUID.randomUUID());
    rig.listen(unix, address);

    assertRefused(address, "EADDRINUSE (Address already in use): another process listens there");
  }

  @Test
  void anAbstractNameHasNoMode() {
    assertThatThrownBy(
            () -> rig.listen(unix, new Address.Unix("@x"), owned(new UnixFile(0600, null, null))))
        .hasMessage(
            "listen on unix://@x: an abstract name has no file: remove mode, owner and group");
  }

  @Test
  void aStaleFileIsReplaced() throws Exception {
    Address.Unix address = at("a.sock");
    leaveStale(address, Sockets.SOCK_STREAM);

    var accepted = rig.accept(rig.listen(unix, address));

    Rig.assertJoined(rig.connect(unix, address), accepted.take());
  }

  @Test
  void aStaleFileOfADatagramSocketIsReplaced() throws Exception {
    Address.Unix address = at("a.sock");
    leaveStale(address, Sockets.SOCK_DGRAM);

    rig.accept(rig.listen(unix, address));

    rig.connect(unix, address);
  }

  @Test
  void aLiveSocketIsNotTouched() throws Exception {
    Address.Unix address = at("a.sock");
    try (var other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(address.path()));

      assertRefused(address, "EADDRINUSE (Address already in use): another process listens there");

      assertThat(Path.of(address.path())).exists();
      rig.connect(unix, address);
    }
  }

  @Test
  void aLiveSocketWithAFullQueueIsNotTouched() throws Exception {
    Address.Unix address = at("a.sock");
    rig.listen(unix, address, new ListenOptions(0, null));
    rig.connect(unix, address);

    assertRefused(address, "EADDRINUSE");
  }

  @Test
  void aLiveDatagramSocketIsNotTouched() throws Exception {
    Address.Unix address = at("a.sock");
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM);
    Sockets.bind(fd, SocketName.unix(address.path()));

    assertRefused(address, "EADDRINUSE");

    assertThat(Path.of(address.path())).exists();
    Fds.close(fd);
  }

  @Test
  void aFileThatIsNoSocketIsNeverRemoved() throws Exception {
    Address.Unix address = at("a.sock");
    Files.writeString(Path.of(address.path()), "precious");

    assertRefused(address, "EEXIST (File exists): a file that is no socket is there, and stays");

    assertThat(Path.of(address.path())).hasContent("precious");
  }

  @Test
  void aSymbolicLinkIsNeverRemoved() throws Exception {
    Address.Unix stale = at("stale.sock");
    leaveStale(stale, Sockets.SOCK_STREAM);
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of(stale.path()));

    assertRefused(at("link"), "EEXIST");

    assertThat(link).isSymbolicLink();
    assertThat(Path.of(stale.path())).exists();
  }

  @Test
  void closingLeavesAFileThatTookThePlaceOfItsOwn() throws Exception {
    Address.Unix address = at("a.sock");
    Transport.Listener first = rig.listen(unix, address);
    Files.delete(Path.of(address.path()));
    rig.accept(rig.listen(unix, address));

    first.close();

    rig.connect(unix, address);
  }

  @Test
  void closingIsContentWhenItsFileIsGone() throws Exception {
    Address.Unix address = at("a.sock");
    Transport.Listener listener = rig.listen(unix, address);
    Files.delete(Path.of(address.path()));

    listener.close();

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aMissingDirectoryIsNamed() {
    assertRefused(
        at("none/a.sock"), "ENOENT (No such file or directory): the directory does not exist");
  }

  @Test
  void aPathThroughAFileIsRefused() throws Exception {
    Files.writeString(directory.resolve("file"), "");

    assertRefused(at("file/a.sock"), "Not a directory");
  }

  @Test
  void aPathThatIsTooLongIsRefused() {
    assertRefused(new Address.Unix("/" + "x".repeat(107)), "at most 107");
  }

  @Test
  void anOwnerThatDoesNotExistIsNamed() {
    assertThatThrownBy(
            () -> rig.listen(unix, at("a.sock"), owned(new UnixFile(null, "no-such-user", null))))
        .hasMessageEndingWith(
            "a.sock: there is no user 'no-such-user': create it, or correct the name");
    assertThatThrownBy(
            () -> rig.listen(unix, at("a.sock"), owned(new UnixFile(null, null, "no-such-group"))))
        .hasMessageContaining("there is no group 'no-such-group'");
    assertThat(directory).isEmptyDirectory();
  }

  private void assertRefused(Address address, String reason) {
    assertThatThrownBy(() -> rig.listen(unix, address))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("listen on " + address + ": ")
        .hasMessageContaining(reason);
  }

  private Address.Unix at(String name) {
    return new Address.Unix(directory.resolve(name).toString());
  }

  private static ListenOptions owned(UnixFile file) {
    return new ListenOptions(128, file);
  }

  private static void leaveStale(Address.Unix address, int type) throws IOException {
    int fd = Sockets.socket(Sockets.AF_UNIX, type);
    Sockets.bind(fd, SocketName.unix(address.path()));
    Fds.close(fd);
  }
}
