package dev.fid.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Lets the first of equal messages through and counts the others, period by period. Thread safe.
final class Repeats {
  /// The most that are told apart; those beyond are let through.
  static final int LIMIT = 1000;

  private final Map<String, Integer> unsaid = new LinkedHashMap<>();

  /// Whether this message is to be written; if not it was counted.
  synchronized boolean first(String message) {
    Integer count = unsaid.get(message);
    if (count != null) {
      unsaid.put(message, count + 1);
      return false;
    }
    if (unsaid.size() < LIMIT) {
      unsaid.put(message, 0);
    }
    return true;
  }

  /// Ends a period: what was counted in it. A message that did not come in it is new the next time.
  synchronized List<Count> endPeriod() {
    List<Count> counts = new ArrayList<>();
    Iterator<Map.Entry<String, Integer>> entries = unsaid.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<String, Integer> entry = entries.next();
      if (entry.getValue() == 0) {
        entries.remove();
      } else {
        counts.add(new Count(entry.getKey(), entry.getValue()));
        entry.setValue(0);
      }
    }
    return counts;
  }

  /// How often a message came and was not written.
  record Count(String message, int times) {}
}
