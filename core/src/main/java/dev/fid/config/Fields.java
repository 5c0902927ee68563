package dev.fid.config;

import dev.fid.pipe.DidYouMean;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// A mapping's keys, of which every one must be known and stand once.
final class Fields {
  private final Node.Mapping mapping;
  private final Problems problems;
  private final Map<String, Node.Entry> entries = new LinkedHashMap<>();

  /// Keys that a misspelt one was probably meant to be.
  private final Set<String> guessed = new HashSet<>();

  Fields(Node.Mapping mapping, List<String> known, Problems problems) {
    this.mapping = mapping;
    this.problems = problems;
    for (Node.Entry entry : mapping.entries()) {
      if (known.contains(entry.key())) {
        keep(entry);
      } else {
        unknown(entry, known);
      }
    }
  }

  private void keep(Node.Entry entry) {
    Node.Entry first = entries.putIfAbsent(entry.key(), entry);
    if (first != null) {
      problems.add(
          entry.place(),
          "duplicate key '%s', which stands already at %s".formatted(entry.key(), first.place()));
    }
  }

  private void unknown(Node.Entry entry, List<String> known) {
    if (entry.key().equals("<<")) {
      problems.add(entry.place(), "merge keys ('<<') are not read: write the keys out");
      return;
    }
    Optional<String> guess = DidYouMean.of(entry.key(), known);
    guess.ifPresent(guessed::add);
    problems.add(
        entry.place(),
        "unknown key '%s'%s"
            .formatted(
                entry.key(),
                guess
                    .map(key -> ": did you mean '" + key + "'?")
                    .orElse(" (known: " + String.join(", ", known) + ")")));
  }

  /// Asks for keys; one that is only misspelt is not missing as well.
  void require(String... keys) {
    for (String key : keys) {
      if (!entries.containsKey(key) && !guessed.contains(key)) {
        problems.add(mapping.place(), "missing key '" + key + "'");
      }
    }
  }

  Optional<Node.Entry> entry(String key) {
    return Optional.ofNullable(entries.get(key));
  }

  /// The value of a key, or nothing where the key is not there or its value is bad.
  <T> Optional<T> get(String key, Function<Node, T> reader) {
    return entry(key).flatMap(entry -> read(entry, reader));
  }

  <T> void ifGood(String key, Function<Node, T> reader, Consumer<T> taker) {
    get(key, reader).ifPresent(taker);
  }

  private <T> Optional<T> read(Node.Entry entry, Function<Node, T> reader) {
    try {
      return Optional.of(reader.apply(entry.value()));
    } catch (IllegalArgumentException e) {
      problems.add(entry.value().place(), entry.key() + ": " + e.getMessage());
      return Optional.empty();
    }
  }
}
