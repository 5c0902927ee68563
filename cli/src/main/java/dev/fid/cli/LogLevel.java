package dev.fid.cli;

import java.util.logging.Level;

/// The levels as the command line spells them, and as slf4j-jdk14 maps them.
enum LogLevel {
  error(Level.SEVERE),
  warn(Level.WARNING),
  info(Level.INFO),
  debug(Level.FINE),
  trace(Level.FINEST);

  @SuppressWarnings("ImmutableEnumChecker") // Level is immutable, and not annotated so
  private final Level level;

  LogLevel(Level level) {
    this.level = level;
  }

  Level level() {
    return level;
  }

  /// The least severe of ours that covers the other.
  static LogLevel of(Level other) {
    for (LogLevel candidate : values()) {
      if (other.intValue() >= candidate.level.intValue()) {
        return candidate;
      }
    }
    return trace;
  }
}
