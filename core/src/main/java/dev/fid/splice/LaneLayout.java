package dev.fid.splice;

/// Offsets of `struct lane` and `struct backlog_query` (bpf/src/main/bpf/splice.h), in bytes.
final class LaneLayout {
  static final long GATE = 0;
  static final long COOKIE = 8;
  static final long LIMIT = 16;
  static final long FLAGS = 20;
  static final long SLOT = 24;
  static final long NEXT_SEQ = 28;
  static final long REDIRECTED_BYTES = 32;
  static final long REDIRECTED_SKBS = 40;
  static final long PASSED_BYTES = 48;
  static final long PASSED_SKBS = 56;
  static final long CLOSINGS = 64;
  static final long MISSED_SKBS = 72;
  static final long NO_TARGET_BYTES = 80;
  static final long NO_TARGET_SKBS = 88;
  static final long REFUSED_BYTES = 96;
  static final long REFUSED_SKBS = 104;
  static final long MAX_BACKLOG = 112;
  static final long OVERLAP_BYTES = 120;
  static final long PAUSE = 128;
  static final long SIZE = 192;

  static final int FLAG_UNGATED = 1;
  static final int FLAG_TCP = 2;
  static final int FLAG_PAUSABLE = 8;
  static final int FLAG_TELLS = 16;

  static final int RUNNING = 0;
  static final int PAUSED = 2;
  static final int PAUSE_HELD = 3;

  static final long QUERY_COOKIE = 0;
  static final long QUERY_BACKLOG = 8;
  static final long QUERY_STATE = 12;
  static final long QUERY_SIZE = 16;
  static final int STATE_KNOWN = 1;
  static final int STATE_NO_TARGET = 2;

  private LaneLayout() {}
}
