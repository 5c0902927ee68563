package dev.fid.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads one YAML document into nodes. One instance, one file.
final class YamlTree {
  private final String file;
  private final Problems problems;
  private final AnchorParser parser;
  private final Map<String, Node> anchors = new HashMap<>();
  private boolean whole = true;

  private YamlTree(String file, Problems problems, AnchorParser parser) {
    this.file = file;
    this.problems = problems;
    this.parser = parser;
  }

  /// The root, or nothing where the file is empty or no YAML: then that is a problem.
  static Optional<Node> read(String file, String yaml, Problems problems) {
    try (AnchorParser parser = new AnchorParser.Factory().parser(yaml)) {
      return new YamlTree(file, problems, parser).document();
    } catch (JsonProcessingException e) {
      SyntaxProblem.add(file, yaml, e, problems);
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot fail to be read", e);
    }
  }

  private Optional<Node> document() throws IOException {
    JsonToken first = parser.nextToken();
    Node root = first == null ? nothing() : node(first);
    if (parser.nextToken() != null) {
      problems.add(place(), "a second document begins here: write one a file");
      return Optional.empty();
    }
    if (root instanceof Node.Scalar(Place _, Node.Type type, String _)
        && type == Node.Type.NOTHING) {
      problems.add(new Place(file, 1, 1), "the file is empty: write 'pipes:' and a list of pipes");
      return Optional.empty();
    }
    return whole ? Optional.of(root) : Optional.empty();
  }

  private Node node(JsonToken token) throws IOException {
    if (parser.isCurrentAlias()) {
      return alias(parser.getText());
    }
    @Nullable String anchor = parser.anchor();
    Node node =
        switch (token) {
          case START_OBJECT -> mapping();
          case START_ARRAY -> sequence();
          case VALUE_STRING -> scalar(Node.Type.STRING);
          case VALUE_NUMBER_INT -> scalar(Node.Type.INTEGER);
          case VALUE_NUMBER_FLOAT -> scalar(Node.Type.FRACTION);
          case VALUE_TRUE, VALUE_FALSE -> scalar(Node.Type.BOOLEAN);
          case VALUE_NULL -> scalar(Node.Type.NOTHING);
          default -> scalar(Node.Type.OTHER);
        };
    if (anchor != null) {
      anchors.put(anchor, node);
    }
    return node;
  }

  private Node mapping() throws IOException {
    Place start = place();
    List<Node.Entry> entries = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Place key = place();
      String name = parser.currentName();
      entries.add(new Node.Entry(key, name, node(parser.nextToken())));
    }
    return new Node.Mapping(start, List.copyOf(entries));
  }

  private Node sequence() throws IOException {
    Place start = place();
    List<Node> items = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      items.add(node(token));
    }
    return new Node.Sequence(start, List.copyOf(items));
  }

  /// An anchor is known once its node is complete, so none can hold itself.
  private Node alias(String name) {
    Node target = anchors.get(name);
    if (target == null) {
      problems.add(place(), "unknown alias '*%s': no '&%s' ends before it".formatted(name, name));
      whole = false;
      return new Node.Scalar(place(), Node.Type.OTHER, "*" + name);
    }
    return target.at(place());
  }

  private Node scalar(Node.Type type) throws IOException {
    return new Node.Scalar(place(), type, parser.getText());
  }

  private Node nothing() {
    return new Node.Scalar(new Place(file, 1, 1), Node.Type.NOTHING, "");
  }

  private Place place() {
    JsonLocation location = parser.currentTokenLocation();
    return new Place(file, location.getLineNr(), location.getColumnNr());
  }
}
