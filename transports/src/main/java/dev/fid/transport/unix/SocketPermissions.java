package dev.fid.transport.unix;

import dev.fid.pipe.UnixFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.jspecify.annotations.Nullable;

/// Mode, owner and group of a socket file, in force from its first moment.
///
/// The kernel creates the file with the mode of the unbound socket, less the umask (`unix_bind_bsd`
/// in net/unix/af_unix.c). So the socket gets mode 0 before bind, and the file its real mode when
/// its owner is right: nobody can connect before that, and the umask, which the whole process
/// shares, stays as it is.
record SocketPermissions(
    @Nullable Integer mode, @Nullable UserPrincipal owner, @Nullable GroupPrincipal group) {
  private static final String MODE = "unix:mode";
  private static final int CREATED = 0777;

  static SocketPermissions of(@Nullable UnixFile file) throws IOException {
    if (file == null) {
      return new SocketPermissions(null, null, null);
    }
    UserPrincipalLookupService names = FileSystems.getDefault().getUserPrincipalLookupService();
    String owner = file.owner();
    String group = file.group();
    return new SocketPermissions(
        file.mode(),
        owner == null ? null : find("user", owner, names::lookupPrincipalByName),
        group == null ? null : find("group", group, names::lookupPrincipalByGroupName));
  }

  boolean areDefault() {
    return mode == null && owner == null && group == null;
  }

  /// To be called between socket and bind.
  void hide(int fd) throws IOException {
    if (!areDefault()) {
      Files.setAttribute(Path.of("/proc/self/fd/" + fd), MODE, 0);
    }
  }

  /// To be called after bind.
  void apply(Path path) throws IOException {
    if (areDefault()) {
      return;
    }
    try {
      change(path);
    } catch (FileSystemException e) {
      throw new IOException(
          "cannot set mode, owner and group ("
              + e.getReason()
              + "): for another owner, or a group"
              + " that this process is not in, it needs CAP_CHOWN and CAP_FOWNER",
          e);
    }
  }

  private void change(Path path) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (owner != null) {
      view.setOwner(owner);
    }
    if (group != null) {
      view.setGroup(group);
    }
    Files.setAttribute(path, MODE, mode == null ? CREATED & ~umask() : mode);
  }

  private static int umask() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(each -> each.startsWith("Umask:"))
            .findFirst()
            .orElseThrow(() -> new IOException("/proc/self/status has no Umask"));
    return Integer.parseInt(line.substring(line.indexOf(':') + 1).strip(), 8);
  }

  private interface Lookup<T> {
    T find(String name) throws IOException;
  }

  private static <T> T find(String kind, String name, Lookup<T> lookup) throws IOException {
    try {
      return lookup.find(name);
    } catch (UserPrincipalNotFoundException e) {
      throw new IOException(
          "there is no %s '%s': create it, or correct the name".formatted(kind, name), e);
    }
  }
}
