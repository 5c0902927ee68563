package dev.fid.splice;

/// One connected, non-blocking socket.
///
/// The socket must be non-blocking (O_NONBLOCK) itself: splice(2) asks the socket, not a flag. An
/// endpoint does not own its descriptor: whoever takes one as a parameter says who does.
///
/// @param fd the descriptor's number in this process
public record Endpoint(Family family, int fd) {
  public Endpoint {
    if (fd < 0) {
      throw new IllegalArgumentException("fd " + fd + " is negative");
    }
  }
}
