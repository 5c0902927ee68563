package dev.fid.testkit;

import java.util.Locale;

/// One thing that went wrong on one direction of one connection; offset and length count the
/// payload's bytes.
public record Fault(Kind kind, long offset, long length, String detail) {
  /// What went wrong.
  public enum Kind {
    /// Bytes never came, later ones did.
    MISSING,
    /// Bytes came after later ones.
    REORDERED,
    /// Bytes came again.
    DUPLICATED,
    /// The EOF came before the last bytes.
    TRUNCATED,
    /// Bytes that were never sent.
    CORRUPT,
    /// Bytes came after the last one.
    SURPLUS,
    /// The first bytes, which name the connection, are wrong.
    BAD_HEADER,
    /// Neither the rest of the bytes nor an EOF came before the patience ended.
    STUCK,
    /// All bytes came, but no EOF before the patience ended.
    NO_EOF,
    /// Reading or writing failed: a reset, or a broken pipe.
    RESET,
    /// The front refused the connection, or the back end never saw it.
    NOT_CONNECTED,
  }

  static Fault of(Kind kind, long offset, long length) {
    return new Fault(kind, offset, length, "");
  }

  @Override
  public String toString() {
    String range = length == 0 ? " at " + offset : " at " + offset + ", " + length + " bytes";
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + range
        + (detail.isEmpty() ? "" : ": " + detail);
  }
}
