package dev.fid.metrics;

import dev.fid.pipe.PipeStats;
import java.util.Locale;

/// What becomes of an accepted connection.
enum Result {
  SPLICED,
  RELAYED,
  FAILED,
  REJECTED;

  static final String HELP = "Connections accepted, by what became of them";

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  long count(PipeStats stats) {
    return switch (this) {
      case SPLICED -> stats.spliced();
      case RELAYED -> stats.relayed();
      case FAILED -> stats.failed();
      case REJECTED -> stats.rejected();
    };
  }
}
