package dev.fid.splice;

/// How messages stand in a stream where a pipe joins a stream with datagrams.
public enum Framing {
  /// They do not: towards a stream, payloads follow each other as they come; from a stream, what
  /// one receive gives is one datagram.
  NONE(0),

  /// A length of two bytes, big-endian, in front of each, as in DNS over TCP.
  LEN16(2),

  /// A length of four bytes, big-endian, in front of each.
  LEN32(4);

  private final int header;

  Framing(int header) {
    this.header = header;
  }

  /// Bytes in front of each message.
  int header() {
    return header;
  }

  /// The longest message that the length can tell.
  int longest() {
    return this == LEN16 ? 0xffff : Integer.MAX_VALUE;
  }
}
