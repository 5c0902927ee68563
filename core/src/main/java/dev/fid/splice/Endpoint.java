package dev.fid.splice;

import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import org.jspecify.annotations.Nullable;

/// One connected, non-blocking socket.
///
/// The socket must be non-blocking (O_NONBLOCK) itself: splice(2) asks the socket, not a flag. An
/// endpoint does not own its descriptor: whoever takes one as a parameter says who does.
///
/// @param fd the descriptor's number in this process
/// @param arrivals what comes for it by another socket; null where nothing does
/// @param shared how it shares its socket with others; null where it does not
public record Endpoint(
    Family family, int fd, @Nullable Arrivals arrivals, @Nullable Shared shared) {
  public Endpoint {
    if (fd < 0) {
      throw new IllegalArgumentException("fd " + fd + " is negative");
    }
  }

  public Endpoint(Family family, int fd) {
    this(family, fd, null, null);
  }

  public Endpoint(Family family, int fd, Arrivals arrivals) {
    this(family, fd, arrivals, null);
  }

  /// What to say where the socket is of another type than its family: its messages would be torn;
  /// empty where it is not, and where there is no socket, which whoever uses it will say.
  String mistaken() {
    try {
      int type = Sockets.type(fd);
      return type == family.type()
          ? ""
          : "fd %d is given as %s, and is a socket of type %d (SO_TYPE), not %d: name its family. "
              .formatted(fd, family, type, family.type());
    } catch (OsException e) {
      return "";
    }
  }

  /// Closes the descriptor, without a farewell where the family has one. For who owns it and will
  /// not splice it.
  public void discard() {
    Sockets.reset(fd);
    if (arrivals != null) {
      arrivals.close();
    }
  }
}
