package dev.fid.pipe;

import java.util.ArrayList;
import java.util.List;

/// Collects what is wrong with one thing, to say it all in one exception.
final class Faults {
  private final String subject;
  private final List<String> found = new ArrayList<>();

  Faults(String subject) {
    this.subject = subject;
  }

  void add(String fault) {
    found.add(fault);
  }

  void addUnlessEmpty(String fault) {
    unless(fault.isEmpty(), fault);
  }

  void unless(boolean holds, String fault) {
    if (!holds) {
      add(fault);
    }
  }

  void unlessIn(Range range, int value, String what) {
    unless(range.contains(value), what + " " + value + " is not in " + range);
  }

  IllegalArgumentException exception() {
    return new IllegalArgumentException(subject + ": " + String.join("; ", found));
  }

  void throwIfAny() {
    if (!found.isEmpty()) {
      throw exception();
    }
  }
}
