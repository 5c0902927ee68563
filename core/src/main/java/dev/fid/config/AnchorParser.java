package dev.fid.config;

import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;

/// Also tells the anchors of scalars: [YAMLParser] tells those of mappings and lists alone.
final class AnchorParser extends YAMLParser {
  private @Nullable String anchor;

  private AnchorParser(IOContext context, int features, int yamlFeatures, Reader in) {
    super(context, features, yamlFeatures, new LoaderOptions(), null, in);
  }

  /// The anchor of the node at which the parser stands; of an alias, what it refers to.
  @Nullable String anchor() {
    return anchor;
  }

  @Override
  protected Event getEvent() throws IOException {
    Event event = super.getEvent();
    anchor = event instanceof NodeEvent node ? node.getAnchor() : null;
    return event;
  }

  /// Makes them of strings.
  static final class Factory extends YAMLFactory {
    AnchorParser parser(String yaml) throws IOException {
      return (AnchorParser) createParser(yaml);
    }

    @Override
    protected YAMLParser _createParser(Reader in, IOContext context) {
      return new AnchorParser(context, _parserFeatures, _yamlParserFeatures, in);
    }
  }
}
