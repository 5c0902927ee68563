package dev.fid.config;

import dev.fid.pipe.Address;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.UnixFile;
import dev.fid.splice.Ancillary;
import dev.fid.splice.Bulk;
import dev.fid.splice.Framing;
import dev.fid.splice.HalfClose;
import dev.fid.splice.OnUnsupported;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads one item of `pipes`.
final class PipeReader {
  static final List<String> KEYS =
      List.of(
          "name",
          "listen",
          "connect",
          "framing",
          "backlog",
          "send_buffer",
          "half_close",
          "bulk",
          "on_unsupported",
          "connect_timeout",
          "idle_timeout",
          "max_connections",
          "listen_backlog",
          "ancillary",
          "unix");
  static final List<String> UNIX_KEYS = List.of("mode", "owner", "group");

  /// The least time that a duration can name.
  private static final Duration INSTANT = Duration.ofMillis(1);

  private final Problems problems;
  private final Claims claims;

  PipeReader(Problems problems, Claims claims) {
    this.problems = problems;
    this.claims = claims;
  }

  /// The spec, or nothing where there was a problem.
  Optional<PipeSpec> read(Node node) {
    if (!(node instanceof Node.Mapping mapping)) {
      problems.add(node.place(), "a pipe must be a mapping of keys, is " + node.kind());
      return Optional.empty();
    }
    int before = problems.reported();
    Fields fields = new Fields(mapping, KEYS, problems);
    fields.require("name", "listen", "connect");
    Optional<String> name = fields.get("name", PipeReader::name);
    Optional<Address> listen = fields.get("listen", PipeReader::address);
    name.ifPresent(found -> claims.name(found, valuePlace(fields, "name")));
    listen.ifPresent(found -> claims.listen("listen", found, valuePlace(fields, "listen")));
    PipeSpec.Builder builder = PipeSpec.builder(name.orElse(""));
    listen.ifPresent(builder::listen);
    Optional<Address> connect = fields.get("connect", value -> target(value, listen));
    connect.ifPresent(builder::connect);
    limits(fields, builder);
    framing(fields, builder, listen, connect);
    choice(
        fields, "ancillary", Ancillary.class, builder::ancillary, listen, connect, PipeSpec::fault);
    choice(fields, "bulk", Bulk.class, builder::bulk, listen, connect, PipeSpec::fault);
    fields.entry("unix").ifPresent(entry -> unix(entry, listen).ifPresent(builder::unix));
    return problems.reported() == before ? Optional.of(builder.build()) : Optional.empty();
  }

  /// A choice that not every pair of addresses has.
  private <T extends Enum<T>> void choice(
      Fields fields,
      String key,
      Class<T> type,
      Consumer<T> chosen,
      Optional<Address> listen,
      Optional<Address> connect,
      Impossible<T> impossible) {
    Optional<T> choice = fields.get(key, value -> Values.choice(value, type));
    choice.ifPresent(chosen);
    if (listen.isPresent() && connect.isPresent() && choice.isPresent()) {
      String reason = impossible.reason(choice.get(), listen.get(), connect.get());
      if (!reason.isEmpty()) {
        problems.add(valuePlace(fields, key), reason);
      }
    }
  }

  /// Why two addresses cannot have a choice; empty where they can.
  @FunctionalInterface
  private interface Impossible<T> {
    String reason(T choice, Address listen, Address connect);
  }

  private static void limits(Fields fields, PipeSpec.Builder builder) {
    fields.ifGood("backlog", v -> Values.integer(v, PipeSpec.BACKLOG), builder::backlog);
    fields.ifGood("send_buffer", v -> Values.bytes(v, PipeSpec.SEND_BUFFER), builder::sendBuffer);
    fields.ifGood("half_close", v -> Values.choice(v, HalfClose.class), builder::halfClose);
    fields.ifGood(
        "on_unsupported", v -> Values.choice(v, OnUnsupported.class), builder::onUnsupported);
    fields.ifGood(
        "connect_timeout",
        v -> Values.duration(v, INSTANT, PipeSpec.MAX_CONNECT_TIMEOUT),
        builder::connectTimeout);
    fields.ifGood(
        "idle_timeout",
        v -> Values.duration(v, Duration.ZERO, PipeSpec.MAX_IDLE_TIMEOUT),
        builder::idleTimeout);
    fields.ifGood(
        "max_connections",
        v -> Values.integer(v, PipeSpec.MAX_CONNECTIONS),
        builder::maxConnections);
    fields.ifGood(
        "listen_backlog", v -> Values.integer(v, PipeSpec.LISTEN_BACKLOG), builder::listenBacklog);
  }

  private void framing(
      Fields fields,
      PipeSpec.Builder builder,
      Optional<Address> listen,
      Optional<Address> connect) {
    fields.ifGood("framing", v -> Values.choice(v, Framing.class), builder::framing);
    if (listen.isEmpty() || connect.isEmpty()) {
      return;
    }
    Optional<Node.Entry> given = fields.entry("framing");
    boolean needed = PipeSpec.needsFraming(listen.get(), connect.get());
    if (given.isPresent() && !needed) {
      problems.add(given.get().place(), PipeSpec.framingUseless(listen.get(), connect.get()));
    } else if (given.isEmpty() && needed) {
      problems.add(
          valuePlace(fields, "connect"), PipeSpec.framingMissing(listen.get(), connect.get()));
    }
  }

  private static String name(Node value) {
    return Values.matching(
        value,
        PipeSpec.NAME,
        "write 1 to 63 letters, digits, '_', '-' and '.', of which '-' and '.' not first");
  }

  private static Address address(Node value) {
    return Address.parse(Values.string(value));
  }

  private static Address target(Node value, Optional<Address> listen) {
    Address address = address(value);
    if (!address.onlyForListen().isEmpty()) {
      throw new IllegalArgumentException(address + " " + address.onlyForListen());
    }
    if (listen.isPresent() && listen.get().equals(address)) {
      throw new IllegalArgumentException(address + " is where this pipe listens itself");
    }
    return address;
  }

  private Optional<UnixFile> unix(Node.Entry entry, Optional<Address> listen) {
    if (listen.isPresent() && !(listen.get() instanceof Address.Local file && !file.isAbstract())) {
      problems.add(
          entry.place(),
          "unix: is only for a pipe that listens at a UNIX path, this one listens on "
              + listen.get());
    }
    if (!(entry.value() instanceof Node.Mapping mapping)) {
      problems.add(
          entry.value().place(),
          "unix: must be a mapping such as {mode: \"0660\"}, is " + entry.value().kind());
      return Optional.empty();
    }
    Fields fields = new Fields(mapping, UNIX_KEYS, problems);
    return Optional.of(
        new UnixFile(
            fields.get("mode", Values::mode).orElse(null),
            fields.get("owner", Values::account).orElse(null),
            fields.get("group", Values::account).orElse(null)));
  }

  private static Place valuePlace(Fields fields, String key) {
    return fields.entry(key).orElseThrow().value().place();
  }
}
