package dev.fid.splice;

/// Offsets of `struct datagram_lane` and `struct source_query` (bpf/src/main/bpf/datagram.h), in
/// bytes.
final class DatagramLayout {
  static final long COOKIE = 0;
  static final long LIMIT = 8;
  static final long LONGEST = 12;
  static final long HEADER = 16;
  static final long FLAGS = 20;
  static final long DETOUR = 24;
  static final long LAST_NANOS = 32;
  static final long REDIRECTED_BYTES = 40;
  static final long REDIRECTED_SKBS = 48;
  static final long DETOURED_SKBS = 56;
  static final long MAX_BACKLOG = 64;
  static final long OVERLOAD_SKBS = 72;
  static final long TOO_LONG_SKBS = 80;
  static final long EMPTY_SKBS = 88;
  static final long NO_TARGET_SKBS = 96;
  static final long NO_MEMORY_SKBS = 104;
  static final long REFUSED_SKBS = 112;
  static final long CAUGHT_SKBS = 120;
  static final long MISSED_SKBS = 128;
  static final long SLOT = 136;
  static final long WAITS = 140;
  static final long STAGE = 144;
  static final long EXPECTED = 148;
  static final long STOP = 152;
  static final long STOPS = 160;
  static final long SIZE = 168;

  static final int FLAG_KEEPS_BOUNDARIES = 1;
  static final int FLAG_HAS_DETOUR = 2;

  static final int AT_HEADER = 0;
  static final int AT_PAYLOAD = 1;
  static final int RUNNING = 0;
  static final int STOPPED = 1;

  static final long QUERY_COOKIE = 0;
  static final long QUERY_BACKLOG = 8;
  static final long QUERY_UNREAD = 12;
  static final long QUERY_PENDING = 16;
  static final long QUERY_SIZE = 24;

  private DatagramLayout() {}
}
