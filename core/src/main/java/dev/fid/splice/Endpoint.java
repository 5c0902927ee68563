package dev.fid.splice;

/// One connected, non-blocking socket.
///
/// An endpoint does not own its descriptor: whoever takes one as a parameter says who does.
public record Endpoint(Family family, int fd) {
  public Endpoint {
    if (fd < 0) {
      throw new IllegalArgumentException("fd " + fd + " is negative");
    }
  }
}
