package dev.fid.splice;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fid.bpf.RingBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The datagrams that a program has taken off the sockets that are leaving their maps
/// (`catch_datagram`), sorted by socket.
///
/// Thread safe. The ring is its object's.
final class Caught {
  /// `struct caught_header` of bpf/src/main/bpf/datagram.h.
  private static final long COOKIE = 0;

  private static final long LENGTH = 8;
  private static final long PAYLOAD = 16;

  private final RingBuffer ring;
  private final Map<Long, List<ByteBuffer>> waiting = new HashMap<>();

  Caught(RingBuffer ring) {
    this.ring = ring;
  }

  /// What has come for the socket of this cookie since this was asked last, in order.
  synchronized List<ByteBuffer> take(long cookie) {
    ring.drain(this::sort);
    List<ByteBuffer> mine = waiting.remove(cookie);
    return mine == null ? List.of() : mine;
  }

  private void sort(MemorySegment entry) {
    byte[] payload = entry.asSlice(PAYLOAD, entry.get(JAVA_INT, LENGTH)).toArray(JAVA_BYTE);
    waiting
        .computeIfAbsent(entry.get(JAVA_LONG, COOKIE), _ -> new ArrayList<>())
        .add(ByteBuffer.wrap(payload));
  }
}
