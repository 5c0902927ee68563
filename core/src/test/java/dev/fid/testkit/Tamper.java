package dev.fid.testkit;

import java.nio.ByteBuffer;

/// What a broken relay does to the bytes of one direction, each once.
interface Tamper {
  /// What is written in place of these bytes.
  ByteBuffer pass(ByteBuffer bytes);

  /// What is written before the EOF.
  default ByteBuffer atEof() {
    return ByteBuffer.allocate(0);
  }

  default boolean forwardsEof() {
    return true;
  }

  /// Whether this direction's EOF ends the other one too.
  default boolean endsBoth() {
    return false;
  }

  static Tamper none() {
    return bytes -> bytes;
  }

  /// Loses the byte at this offset of the stream.
  static Tamper dropByte(long offset) {
    return new AtOffset(offset, 1, cut -> ByteBuffer.allocate(0));
  }

  static Tamper flipBit(long offset) {
    return new AtOffset(
        offset, 1, cut -> ByteBuffer.allocate(1).put(0, (byte) (cut.get(cut.position()) ^ 1)));
  }

  static Tamper duplicate(long offset, int length) {
    return new AtOffset(
        offset,
        length,
        cut -> ByteBuffer.allocate(2 * length).put(cut.duplicate()).put(cut.duplicate()).flip());
  }

  /// Exchanges two neighbouring chunks of this length each.
  static Tamper swap(long offset, int length) {
    return new AtOffset(
        offset,
        2 * length,
        cut ->
            ByteBuffer.allocate(2 * length)
                .put(cut.slice(cut.position() + length, length))
                .put(cut.slice(cut.position(), length))
                .flip());
  }

  /// Loses the last bytes before the EOF.
  static Tamper loseTail(int length) {
    return new Tamper() {
      private ByteBuffer kept = ByteBuffer.allocate(0);

      @Override
      public ByteBuffer pass(ByteBuffer bytes) {
        ByteBuffer all = ByteBuffer.allocate(kept.remaining() + bytes.remaining());
        all.put(kept).put(bytes).flip();
        int passes = Math.max(0, all.remaining() - length);
        kept = all.slice(passes, all.remaining() - passes);
        return all.limit(passes);
      }
    };
  }

  /// What `half_close: end` does, which is wrong for whoever half-closes.
  static Tamper firstEofEndsBoth() {
    return new Tamper() {
      @Override
      public ByteBuffer pass(ByteBuffer bytes) {
        return bytes;
      }

      @Override
      public boolean endsBoth() {
        return true;
      }
    };
  }

  static Tamper neverEof() {
    return new Tamper() {
      @Override
      public ByteBuffer pass(ByteBuffer bytes) {
        return bytes;
      }

      @Override
      public boolean forwardsEof() {
        return false;
      }
    };
  }
}
