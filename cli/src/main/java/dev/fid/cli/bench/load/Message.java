package dev.fid.cli.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// What a datagram of the load has in it: whose it is, its number, when it was due, and of the
/// pattern what belongs to that number.
///
/// @param client its number in the generator
/// @param number of the client's datagrams, from 0
/// @param due CLOCK_MONOTONIC in ns
record Message(long client, long number, long due) {
  /// In front of the pattern.
  static final int HEADER = 3 * Long.BYTES;

  /// Any two primes: datagrams begin at different places of the pattern.
  private static final long CLIENT_STRIDE = 31_337;

  private static final long NUMBER_STRIDE = 1_009;

  /// Reads what stands in front; -1 for all where it is too short for that.
  static Message read(MemorySegment bytes) {
    return bytes.byteSize() < HEADER
        ? new Message(-1, -1, -1)
        : new Message(word(bytes, 0), word(bytes, 1), word(bytes, 2));
  }

  private static long word(MemorySegment bytes, int index) {
    return bytes.get(JAVA_LONG_UNALIGNED, (long) index * Long.BYTES);
  }

  /// Writes a datagram of so many bytes.
  MemorySegment write(MemorySegment room, int size, Pattern pattern) {
    MemorySegment bytes = room.asSlice(0, size);
    bytes.set(JAVA_LONG_UNALIGNED, 0, client);
    bytes.set(JAVA_LONG_UNALIGNED, Long.BYTES, number);
    bytes.set(JAVA_LONG_UNALIGNED, 2 * Long.BYTES, due);
    bytes.asSlice(HEADER).copyFrom(pattern.slice(position(), size - HEADER));
    return bytes;
  }

  /// Whether it came as it was written.
  boolean isIntact(MemorySegment bytes, int size, Pattern pattern) {
    return bytes.byteSize() == size
        && pattern.mismatch(bytes.asSlice(HEADER), size - HEADER, position()) < 0;
  }

  private long position() {
    return (client * CLIENT_STRIDE + number * NUMBER_STRIDE) % Pattern.PERIOD;
  }
}
