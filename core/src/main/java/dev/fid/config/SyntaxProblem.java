package dev.fid.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.ReaderException;

/// Says where a file stops to be YAML, and why.
final class SyntaxProblem {
  private SyntaxProblem() {}

  static void add(String file, String yaml, JsonProcessingException e, Problems problems) {
    switch (e.getCause()) {
      case MarkedYAMLException marked -> problems.add(place(file, marked), message(marked));
      case ReaderException reader ->
          problems.add(
              place(file, yaml, reader.getPosition()),
              "no YAML: the character U+%04X is not allowed".formatted(reader.getCodePoint()));
      case null, default -> problems.add(place(file, e.getLocation()), message(e));
    }
  }

  private static String message(MarkedYAMLException e) {
    String context = e.getContext() == null ? "" : e.getContext();
    Mark mark = e.getContextMark();
    if (!context.isEmpty() && mark != null) {
      context += " that begins at " + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
    }
    return "no YAML: " + e.getProblem() + (context.isEmpty() ? "" : " (" + context + ")");
  }

  /// Without what the parser's own events look like.
  private static String message(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    return message.startsWith("Expected a field name")
        ? "a key must be a string, not a list or a mapping"
        : "no YAML: " + message;
  }

  private static Place place(String file, MarkedYAMLException e) {
    Mark mark = e.getProblemMark();
    return mark == null
        ? Place.of(file)
        : new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  private static Place place(String file, JsonLocation location) {
    return location == null
        ? Place.of(file)
        : new Place(file, location.getLineNr(), location.getColumnNr());
  }

  private static Place place(String file, String yaml, int position) {
    String before = yaml.substring(0, Math.min(position, yaml.length()));
    int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
    return new Place(file, line, before.length() - before.lastIndexOf('\n'));
  }
}
