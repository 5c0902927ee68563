package dev.fid.splice;

import java.nio.ByteBuffer;
import java.util.List;

/// What two sockets have when their splice was undone.
///
/// @param fromFirst what was received on the first socket and not given to the second, and comes
///   before whatever that socket has to read: bytes of a stream, in order, or datagrams, one each
/// @param fromSecond the same the other way round
/// @param stats the final counters
public record Unspliced(
    List<ByteBuffer> fromFirst, List<ByteBuffer> fromSecond, SpliceStats stats) {
  public Unspliced {
    fromFirst = List.copyOf(fromFirst);
    fromSecond = List.copyOf(fromSecond);
  }
}
