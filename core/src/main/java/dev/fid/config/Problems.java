package dev.fid.config;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;

/// Collects what is wrong with files. One thread's.
final class Problems {
  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

  /// By file. A set, as an aliased node is read once for each alias and is wrong once.
  private final SequencedMap<String, SequencedSet<Problem>> found = new LinkedHashMap<>();

  private int reported;

  void add(Place place, String message) {
    reported++;
    found.computeIfAbsent(place.file(), _ -> new LinkedHashSet<>()).add(Problem.at(place, message));
  }

  /// How often something was wrong, also if it was the same thing.
  int reported() {
    return reported;
  }

  /// File by file, and in each from its top to its end.
  List<Problem> toList() {
    return found.values().stream().flatMap(file -> file.stream().sorted(BY_PLACE)).toList();
  }

  void throwIfAny() throws ConfigException {
    if (!found.isEmpty()) {
      throw new ConfigException(toList());
    }
  }
}
