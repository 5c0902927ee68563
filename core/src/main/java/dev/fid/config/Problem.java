package dev.fid.config;

/// One thing wrong in a pipe file; line and column count from 1, and are 0 where the whole file is
/// meant.
public record Problem(String file, int line, int column, String message) {
  static Problem at(Place place, String message) {
    return new Problem(place.file(), place.line(), place.column(), message);
  }

  @Override
  public String toString() {
    return new Place(file, line, column) + ": " + message;
  }
}
