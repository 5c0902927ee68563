package dev.fid.config;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/// The shipped schema, used as an editor uses it.
final class Schema {
  private final String text = text();
  private final com.networknt.schema.Schema schema =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(text, InputFormat.JSON);

  private static String text() {
    try (InputStream in =
        requireNonNull(ConfigReader.class.getResourceAsStream("fid.schema.json"), "schema")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode tree() throws IOException {
    return new ObjectMapper().readTree(text);
  }

  /// What the schema has against a pipe file.
  List<String> complaints(String yaml) throws IOException {
    Object value = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
    String json = new ObjectMapper().writeValueAsString(value);
    return schema.validate(json, InputFormat.JSON).stream().map(Object::toString).toList();
  }
}
