package dev.fid.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.bpf.ffi.Capability;
import dev.fid.bpf.testing.RequiresCapability;
import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.pipe.Address;
import dev.fid.pipe.ListenOptions;
import dev.fid.pipe.UnixFile;
import dev.fid.transport.Rig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SocketPermissionsTest {
  private static final int PERMISSIONS = 0777;

  @RegisterExtension static final Rig rig = new Rig();

  @TempDir Path directory;

  @Test
  void theModeIsTheOneAskedForWhateverTheUmask() throws Exception {
    assertThat(mode(listen("a", new UnixFile(0666, null, null)))).isEqualTo(0666);
    assertThat(mode(listen("b", new UnixFile(0600, null, null)))).isEqualTo(0600);
  }

  @Test
  @RequiresCapability(Capability.CHOWN)
  void ownerAndGroupAreTheOnesAskedFor() throws Exception {
    Path path = listen("a", new UnixFile(0660, "nobody", "daemon"));

    assertThat(Files.getOwner(path).getName()).isEqualTo("nobody");
    assertThat(Files.getAttribute(path, "unix:gid"))
        .isEqualTo(Files.getAttribute(listen("b", new UnixFile(null, null, "daemon")), "unix:gid"))
        .isNotEqualTo(Files.getAttribute(listen("c", null), "unix:gid"));
    assertThat(mode(path)).isEqualTo(0660);
  }

  @Test
  @RequiresCapability(Capability.CHOWN)
  void numbersAreOwnersToo() throws Exception {
    Path path = listen("a", new UnixFile(null, "12345", "54321"));

    assertThat(Files.getAttribute(path, "unix:uid")).isEqualTo(12345);
    assertThat(Files.getAttribute(path, "unix:gid")).isEqualTo(54321);
  }

  @Test
  void withoutAModeItIsWhatTheProcessCreates() throws Exception {
    Path plain = listen("a", null);

    assertThat(mode(listen("b", new UnixFile(null, "nobody", null)))).isEqualTo(mode(plain));
    assertThat(mode(listen("c", new UnixFile(null, null, null)))).isEqualTo(mode(plain));
  }

  @Test
  void theFileIsNeverReachableWithOtherPermissions() throws Exception {
    SocketPermissions permissions = SocketPermissions.of(new UnixFile(0640, "nobody", null));
    Path path = directory.resolve("a");
    int fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM);
    try {
      permissions.hide(fd);
      Sockets.bind(fd, SocketName.unix(path.toString()));
      assertThat(mode(path)).as("mode at the moment of bind").isZero();

      permissions.apply(path);
      assertThat(mode(path)).isEqualTo(0640);
    } finally {
      Fds.close(fd);
    }
  }

  @Test
  void aFailureSaysWhichCapabilitiesAreNeeded() throws Exception {
    SocketPermissions permissions = SocketPermissions.of(new UnixFile(0640, "nobody", null));

    // Nobody may give away a file of /proc, not even root.
    assertThatThrownBy(() -> permissions.apply(Path.of("/proc/self/stat")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("(Operation not permitted)")
        .hasMessageContaining("CAP_CHOWN");
  }

  private Path listen(String name, @Nullable UnixFile file) throws IOException {
    Path path = directory.resolve(name);
    rig.listen(new UnixTransport(), new Address.Unix(path.toString()), new ListenOptions(16, file));
    return path;
  }

  private static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode") & PERMISSIONS;
  }
}
