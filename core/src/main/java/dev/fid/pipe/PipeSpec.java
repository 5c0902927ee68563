package dev.fid.pipe;

import dev.fid.splice.HalfClose;
import dev.fid.splice.OnUnsupported;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Declares a pipe: listen here, connect there, with these rules. An instance is always valid.
///
/// @param name names the pipe in logs and metrics
/// @param backlog the skbs that may wait at a target before its lane's gate shuts
/// @param sendBuffer the send buffer of each target, in bytes
/// @param connectTimeout bounds the connect for one accepted connection, name lookup included
/// @param idleTimeout closes a connection on which nothing moved for so long; zero never does
/// @param maxConnections the connections at once
/// @param listenBacklog the length of the listener's queue
/// @param unix the file of a listening UNIX path
public record PipeSpec(
    String name,
    Address listen,
    Address connect,
    int backlog,
    int sendBuffer,
    HalfClose halfClose,
    OnUnsupported onUnsupported,
    Duration connectTimeout,
    Duration idleTimeout,
    int maxConnections,
    int listenBacklog,
    @Nullable UnixFile unix) {

  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}");
  public static final Range BACKLOG = new Range(1, 4096);
  public static final Range SEND_BUFFER = new Range(64 << 10, 1 << 30);
  public static final Range MAX_CONNECTIONS = new Range(1, Integer.MAX_VALUE);
  public static final Range LISTEN_BACKLOG = new Range(1, 65535);
  public static final Duration MAX_CONNECT_TIMEOUT = Duration.ofHours(1);
  public static final Duration MAX_IDLE_TIMEOUT = Duration.ofDays(365);

  /// @throws IllegalArgumentException that names the pipe and what is wrong with it
  public PipeSpec {
    require(NAME.matcher(name).matches(), name, "its name does not match " + NAME);
    requireIn(BACKLOG, backlog, name, "backlog");
    requireIn(SEND_BUFFER, sendBuffer, name, "send buffer");
    requireIn(MAX_CONNECTIONS, maxConnections, name, "limit of connections");
    requireIn(LISTEN_BACKLOG, listenBacklog, name, "listen backlog");
    require(
        connectTimeout.isPositive() && connectTimeout.compareTo(MAX_CONNECT_TIMEOUT) <= 0,
        name,
        "connect timeout " + connectTimeout + " is not above zero and at most an hour");
    require(
        !idleTimeout.isNegative() && idleTimeout.compareTo(MAX_IDLE_TIMEOUT) <= 0,
        name,
        "idle timeout " + idleTimeout + " is not between zero and 8760 hours (a year)");
    require(
        !(connect instanceof Address.Tcp tcp && tcp.port() == 0),
        name,
        "it connects to port 0: name the port of " + connect);
    require(!connect.equals(listen), name, "it connects to itself, " + listen);
    require(
        unix == null || (listen instanceof Address.Unix file && !file.isAbstract()),
        name,
        "it has the mode and owner of a UNIX path, and listens on " + listen);
  }

  /// Has every default of the pipe file; `listen` and `connect` are to be given.
  public static Builder builder(String name) {
    return new Builder(name);
  }

  private static void requireIn(Range range, int value, String pipe, String what) {
    require(range.contains(value), pipe, what + " " + value + " is not in " + range);
  }

  private static void require(boolean holds, String pipe, String what) {
    if (!holds) {
      throw new IllegalArgumentException("pipe '" + pipe + "': " + what);
    }
  }

  /// Collects a spec; the last value given counts.
  public static final class Builder {
    private final String name;
    private @Nullable Address listen;
    private @Nullable Address connect;
    private int backlog = 64;
    private int sendBuffer = 16 << 20;
    private HalfClose halfClose = HalfClose.KEEP;
    private OnUnsupported onUnsupported = OnUnsupported.RELAY;
    private Duration connectTimeout = Duration.ofSeconds(3);
    private Duration idleTimeout = Duration.ZERO;
    private int maxConnections = 10_000;
    private int listenBacklog = 4096;
    private @Nullable UnixFile unix;

    private Builder(String name) {
      this.name = name;
    }

    public Builder listen(Address address) {
      listen = address;
      return this;
    }

    /// Parses the address.
    ///
    /// @throws AddressException if it is none
    public Builder listen(String uri) {
      return listen(Address.parse(uri));
    }

    public Builder connect(Address address) {
      connect = address;
      return this;
    }

    /// Parses the address.
    ///
    /// @throws AddressException if it is none
    public Builder connect(String uri) {
      return connect(Address.parse(uri));
    }

    public Builder backlog(int skbs) {
      backlog = skbs;
      return this;
    }

    public Builder sendBuffer(int bytes) {
      sendBuffer = bytes;
      return this;
    }

    public Builder halfClose(HalfClose choice) {
      halfClose = choice;
      return this;
    }

    public Builder onUnsupported(OnUnsupported choice) {
      onUnsupported = choice;
      return this;
    }

    public Builder connectTimeout(Duration timeout) {
      connectTimeout = timeout;
      return this;
    }

    /// Zero is none.
    public Builder idleTimeout(Duration timeout) {
      idleTimeout = timeout;
      return this;
    }

    public Builder maxConnections(int connections) {
      maxConnections = connections;
      return this;
    }

    public Builder listenBacklog(int connections) {
      listenBacklog = connections;
      return this;
    }

    /// Only with `listen` at a UNIX path.
    public Builder unix(UnixFile file) {
      unix = file;
      return this;
    }

    /// Checks everything that a spec needs.
    ///
    /// @throws IllegalArgumentException that names the pipe and what is missing or wrong
    public PipeSpec build() {
      if (listen == null || connect == null) {
        throw new IllegalArgumentException(
            "pipe '" + name + "': " + (listen == null ? "listen" : "connect") + " is missing");
      }
      return new PipeSpec(
          name,
          listen,
          connect,
          backlog,
          sendBuffer,
          halfClose,
          onUnsupported,
          connectTimeout,
          idleTimeout,
          maxConnections,
          listenBacklog,
          unix);
    }
  }
}
