package dev.fid.testkit;

import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;

/// Replaces one range of the stream, however it is cut into reads.
final class AtOffset implements Tamper {
  private final long from;
  private final ByteBuffer range;
  private final UnaryOperator<ByteBuffer> replace;
  private long position;

  AtOffset(long from, int length, UnaryOperator<ByteBuffer> replace) {
    this.from = from;
    this.range = ByteBuffer.allocate(length);
    this.replace = replace;
  }

  @Override
  public ByteBuffer pass(ByteBuffer bytes) {
    ByteBuffer out = ByteBuffer.allocate(bytes.remaining() + 2 * range.capacity());
    int before = Math.clamp(from - position, 0, bytes.remaining());
    position += bytes.remaining();
    move(bytes, before, out);
    if (range.hasRemaining()) {
      move(bytes, Math.min(bytes.remaining(), range.remaining()), range);
      if (!range.hasRemaining()) {
        out.put(replace.apply(range.duplicate().flip()));
      }
    }
    return out.put(bytes).flip();
  }

  private static void move(ByteBuffer from, int length, ByteBuffer to) {
    to.put(from.slice(from.position(), length));
    from.position(from.position() + length);
  }
}
