package dev.fid.cli.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/// The relay that a Java developer would write with Netty; it lives in Fid's `bench` module.
///
/// @param jar of that module
public record NettyPeer(Path jar) implements Peer {
  private static final String VERSIONS = "/META-INF/io.netty.versions.properties";
  private static final String MAIN = "dev.fid.bench.netty.NettyRelay";

  @Override
  public String id() {
    return "netty";
  }

  @Override
  public String description() {
    return "a relay written with Netty's epoll transport (bench/)";
  }

  @Override
  public Optional<String> missing() {
    return Files.isReadable(jar)
        ? Optional.empty()
        : Optional.of(
            "no " + jar + ": in Fid's sources, run mvn -pl bench -am package -DskipTests");
  }

  @Override
  public String version() {
    Properties versions = new Properties();
    try (InputStream file = NettyPeer.class.getResourceAsStream(VERSIONS)) {
      if (file != null) {
        versions.load(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return versions.entrySet().stream()
        .filter(entry -> entry.getKey().toString().endsWith(".version"))
        .map(entry -> "Netty " + entry.getValue())
        .findFirst()
        .orElse("Netty of an unknown version");
  }

  @Override
  public Launch launch(Ends ends) {
    return Launch.of(JavaCommand.of(List.of(jar), MAIN, List.of(ends.frontUri(), ends.backUri())));
  }
}
