package dev.fid.config;

import java.util.List;

/// YAML that knows where it stands.
sealed interface Node {
  Place place();

  /// The same node, standing elsewhere: what an alias is. What it holds stays in its place.
  Node at(Place place);

  /// Says in a message what was found.
  String kind();

  /// Keys in the order written; a key may occur twice.
  record Mapping(Place place, List<Entry> entries) implements Node {
    @Override
    public Node at(Place place) {
      return new Mapping(place, entries);
    }

    @Override
    public String kind() {
      return "a mapping";
    }
  }

  record Entry(Place place, String key, Node value) {}

  record Sequence(Place place, List<Node> items) implements Node {
    @Override
    public Node at(Place place) {
      return new Sequence(place, items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /// The text is as written, without quotes.
  record Scalar(Place place, Type type, String text) implements Node {
    @Override
    public Node at(Place place) {
      return new Scalar(place, type, text);
    }

    @Override
    public String kind() {
      return switch (type) {
        case STRING -> "a string";
        case INTEGER, FRACTION -> "a number";
        case BOOLEAN -> "true or false";
        case NOTHING -> "nothing";
        case OTHER -> "something else";
      };
    }
  }

  /// What YAML takes an unquoted scalar for; a quoted one is a string.
  enum Type {
    STRING,
    INTEGER,
    FRACTION,
    BOOLEAN,
    NOTHING,
    OTHER
  }
}
