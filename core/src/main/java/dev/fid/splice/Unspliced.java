package dev.fid.splice;

import java.nio.ByteBuffer;

/// What two sockets have when their splice was undone.
///
/// @param fromFirst bytes that were received on the first socket and not given to the second: they
///   come before whatever that socket has to read
/// @param fromSecond the same the other way round
/// @param stats the final counters
public record Unspliced(ByteBuffer fromFirst, ByteBuffer fromSecond, SpliceStats stats) {}
