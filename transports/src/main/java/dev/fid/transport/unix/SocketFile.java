package dev.fid.transport.unix;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file of a listening socket, told from later ones at the same path by its device and inode.
///
/// The listening socket holds the inode, so its number names no other file before the socket is
/// closed.
record SocketFile(Path path, Object key) {
  private static final Logger log = LoggerFactory.getLogger(SocketFile.class);
  private static final int S_IFMT = 0170000;
  private static final int S_IFSOCK = 0140000;

  /// What stands at the path now, or null.
  static @Nullable SocketFile at(Path path) throws IOException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Object key = attributes.fileKey();
      return new SocketFile(path, key == null ? path : key);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /// Deletes the file unless the path holds another one by now.
  void deleteIfStillThere() {
    try {
      if (equals(at(path))) {
        Files.delete(path);
      }
    } catch (IOException e) {
      log.warn("delete the socket file {}: {}", path, e.toString());
    }
  }

  /// Makes way for a socket at this path: removes a socket file on which nothing listens, and
  /// nothing else.
  ///
  /// @param type of the socket that is to be bound there
  /// @return why the path is taken, as an errno, or 0 where it is free
  static int clear(Path path, SocketName name, int type) throws IOException {
    SocketFile found = at(path);
    if (found == null) {
      return 0;
    }
    if (!isSocket(path)) {
      return Errno.EEXIST;
    }
    int answer = probe(name, type);
    if (answer == -Errno.ECONNREFUSED) {
      log.info("removed the socket file {}: nothing listens on it", path);
      found.deleteIfStillThere();
      return 0;
    }
    boolean alive = answer == 0 || answer == -Errno.EAGAIN || answer == -Errno.EPROTOTYPE;
    return alive ? Errno.EADDRINUSE : -answer;
  }

  /// A live stream listener sees a connection that ends at once; there is no other way to ask. A
  /// socket of another type says EPROTOTYPE.
  private static int probe(SocketName name, int type) throws IOException {
    int fd = Sockets.socket(Sockets.AF_UNIX, type);
    try {
      return Sockets.connect(fd, name);
    } finally {
      Fds.close(fd);
    }
  }

  private static boolean isSocket(Path path) throws IOException {
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return (mode & S_IFMT) == S_IFSOCK;
  }
}
