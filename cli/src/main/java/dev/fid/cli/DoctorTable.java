package dev.fid.cli;

import java.io.PrintWriter;

/// Prints rows of a name, an answer and what was found; what to do follows on a line of its own.
final class DoctorTable {
  private static final String ROW = "  %-34s %-4s %s";

  private final PrintWriter out;
  private boolean first = true;

  DoctorTable(PrintWriter out) {
    this.out = out;
  }

  void title(String title) {
    if (!first) {
      out.println();
    }
    first = false;
    out.println(title);
  }

  /// @param advice what to do; empty where there is nothing to do
  void row(String name, String answer, String found, String advice) {
    out.println(ROW.formatted(name, answer, found).stripTrailing());
    if (!advice.isEmpty()) {
      out.println(ROW.formatted("", "", "-> " + advice).stripTrailing());
    }
  }
}
